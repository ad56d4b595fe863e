"""Stories to documents: select, render, gate. Pure: the same stories make the same bytes, at any time."""
