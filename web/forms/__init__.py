"""Forms in the browser: drawn on the server, read back, and shown again with every error and what was typed.

```
values = read_posted(form, request.form)
if is_refresh(request.form) or unseen_fields(form, request.form, context=…):
    show render_form(form, values, {}, …) again
else: the engine validates; on InvalidForm show render_form(form, values, error.errors, …), status 422
```
"""

from web.forms.posted import is_refresh, read_posted
from web.forms.rendering import render_form, render_suggestions, render_values, unseen_fields

__all__ = ["is_refresh", "read_posted", "render_form", "render_suggestions", "render_values", "unseen_fields"]
