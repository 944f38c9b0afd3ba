"""Makes server/steps/confusables.json: which characters look like which others, as Unicode says (UTS 39).

ICU, Unicode's own library, has the table. Debian: apt-get install libicu-dev. Run it again for a newer Unicode:

    python3 scripts/make-confusables.py > server/steps/confusables.json

The file has one line for each look: first what all of them look like, then the characters that look like it.
"""
import ctypes
import ctypes.util
import glob
import json
import re
import sys
import unicodedata

path = sorted(glob.glob("/usr/lib/*/libicui18n.so.*"))[0]
version = re.search(r"\.so\.(\d+)", path).group(1)
icu = ctypes.CDLL(path)
error = ctypes.c_int(0)
open_checker = getattr(icu, f"uspoof_open_{version}")
open_checker.restype = ctypes.c_void_p
checker = ctypes.c_void_p(open_checker(ctypes.byref(error)))
skeleton_in_utf8 = getattr(icu, f"uspoof_getSkeletonUTF8_{version}")


def skeleton(text):
    given = text.encode()
    result = ctypes.create_string_buffer(1024)
    problem = ctypes.c_int(0)
    length = skeleton_in_utf8(checker, 0, given, len(given), result, len(result), ctypes.byref(problem))
    if problem.value > 0:
        sys.exit(f"ICU has no skeleton for U+{ord(text):04X}: error {problem.value}")
    return result.raw[:length].decode()


looks = {}
for code in range(0x110000):
    character = chr(code)
    if 0xD800 <= code < 0xE000 or unicodedata.normalize("NFD", character) != character:
        continue
    look = skeleton(character)
    if look != character:
        looks.setdefault(look, []).append(character)
lines = [f"  {json.dumps(look, ensure_ascii=False)}: {json.dumps(''.join(looks[look]), ensure_ascii=False)}" for look in sorted(looks)]
print("{\n" + ",\n".join(lines) + "\n}")
