"""Flow tables on disk and on engines: written as Parquet, reduced where they lie."""
