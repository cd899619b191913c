"""Text and data: splitting, joining, formatting, regular expressions, JSON there and back."""

import json
import re

import talk

WORDS = re.compile(r"([a-z]+)-(\d+)")


def work(number):
    records = [{"id": i, "name": f"user-{i * number % 97}", "tags": ["a", "b" * (i % 5)], "score": i / 8} for i in range(60)]
    text = json.dumps(records, sort_keys=True)
    back = json.loads(text)
    found = sum(int(match[2]) for match in WORDS.finditer(text))
    lines = "\n".join(",".join(str(value) for value in record.values()) for record in back)
    cells = [cell.strip("[]' ") for line in lines.splitlines() for cell in line.split(",")]
    counts = {}
    for cell in cells:
        counts[cell.upper()] = counts.get(cell.upper(), 0) + 1
    return found + len(lines) + sum(len(key) * count for key, count in counts.items())


talk.run(work)
