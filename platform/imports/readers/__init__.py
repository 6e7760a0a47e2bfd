"""Files people send for import (.xlsx, .csv, .jsonl), read into rows of text.

Nothing is known here about nouns: a table has headings and rows, every fault its line and column.

``files`` takes a file and picks its format: ``workbook`` (.xlsx, once ``archive`` has found it
harmless), ``delimited`` (.csv) or ``json_lines`` (.jsonl). The last two get their text from
``encoding``, the first two pass their cells to ``grid``, which knows heading rows. All collect rows
and faults in a ``table.Reading``, which has each cell made text by ``values``. Imports run in that
order only.
"""

from imports.readers.files import MAX_BYTES, read_file, read_table
from imports.readers.table import MAX_ROWS, Row, Table, clean_heading, place
from imports.readers.values import Value

__all__ = [
    "MAX_BYTES",
    "MAX_ROWS",
    "Row",
    "Table",
    "Value",
    "clean_heading",
    "place",
    "read_file",
    "read_table",
]
