"""Tables, migrations, transactions and the public directory. SQLAlchemy lives here and nowhere else."""
