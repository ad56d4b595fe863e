"""Who runs jobs: for now the pool of killable worker processes."""
