"""`multimodal`: messages with images, videos or sounds.

In columns (`images`, `videos`, `audios`, with `<image>` in the text), or as parts of the content
(`image_url` and others). Media are recorded by reference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from dslineage.adapters.form import FROM_MESSAGES, ROLE_MESSAGES, Form, has_media
from dslineage.adapters.messages import Messages

_SINGLE: dict[str, Any] = {"images": "image", "videos": "video", "audios": "audio"}


@dataclass(frozen=True)
class Multimodal(Messages):
    """Messages and their media."""

    name: ClassVar[str] = "multimodal"


_SHAREGPT = Multimodal(messages="conversations", role="from", content="value")

FORMS = (
    Form(Multimodal(), {"messages": ROLE_MESSAGES}, has_media, "media"),
    Form(Multimodal(**_SINGLE), {"messages": ROLE_MESSAGES}, has_media, "media"),
    Form(_SHAREGPT, {"messages": FROM_MESSAGES}, has_media, "media"),
)
