"""Print the letters that a customer got: python examples/shop/letter.py MAIL_FOLDER ADDRESS"""

from __future__ import annotations

import sys
from email import message_from_bytes, policy
from pathlib import Path

folder, address = Path(sys.argv[1]), sys.argv[2]
for path in sorted(folder.glob("*.eml")):
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    text = message.get_body(("plain",))
    if address in str(message["To"]) and text is not None:
        print(f"To: {message['To']}\nSubject: {message['Subject']}\n\n{text.get_content()}")
