#!/usr/bin/env python
"""Run Django's commands on this project (development settings unless the environment names others)."""

import os
import sys

from django.core.management import execute_from_command_line

# The judge needs neither database nor pages and starts three times as fast without them.
LIGHT = {"judge": "sihao.settings.judge"}

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", LIGHT.get("".join(sys.argv[1:2]), "sihao.settings.dev"))
    execute_from_command_line(sys.argv)
