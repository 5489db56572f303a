"""All cases, in groups."""
from . import answers, dates, documents, records, sets, tokens

GROUPS = {"documents": documents.CASES, "answers": answers.CASES, "tokens": tokens.CASES, "records": records.CASES,
          "dates": dates.CASES, "sets": sets.CASES}
CASES = [case for cases in GROUPS.values() for case in cases]
