"""Where things stand in both systems, in the words of their screens and of the article on accruals."""

from __future__ import annotations

_RULES = "Settings Menu => Processing Rules =>"
UP = f"{_RULES} Accruals category => AccrueUpScript"
DOWN = f"{_RULES} Accruals category => AccrueDownScript"
PUNCH = f"{_RULES} Processing category => PunchCategories"
CODE_PAGE = "Accrual Code page of Millennium"
SETUP_TAB = "Accrual Setup tab of Millennium"
