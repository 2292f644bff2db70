"""The library: empty, with many pictures of every right, and one picture with where it is shown."""

import io
from datetime import timedelta

from PIL import Image, ImageDraw
from sqlalchemy.orm import Session

import make
from newsletter import issues, model
from newsletter.issues import Rights
from newsletter.manuscripts import Article, Picture

RIGHTS = (
    Rights("Anna Nowak / The Institute", "A barge in the ice", "own"),
    Rights("Wikimedia Commons", "Cranes at dusk", "licence CC BY-SA 4.0"),
    Rights(
        "Baltic Photo Agency", "A lock gate", "licensed by Baltic Photo Agency until 2027-01-31"
    ),
    Rights("", "", ""),
    Rights("Kazimierz Wielopolski-Brzozowski", "Ice floes", "permission of the photographer"),
)


def picture(session: Session, number: int) -> model.Image:
    """Keep a picture of its own colour and shape, with one of the rights."""
    size = ((360, 240), (270, 360), (360, 150))[number % 3]
    drawn = Image.new("RGB", size, (40 + 17 * number % 150, 70 + 29 * number % 120, 110))
    x, y = size[0] // 3, size[1] // 3
    ImageDraw.Draw(drawn).polygon([(0, size[1]), (x, y), (size[0], size[1])], fill=(225, 220, 210))
    written = io.BytesIO()
    drawn.save(written, "PNG")
    prepared = issues.prepare_image(written.getvalue())
    rights = RIGHTS[number % len(RIGHTS)]
    now = make.NOW + timedelta(minutes=number)
    return issues.keep_image(session, prepared, now, rights, file_name="ice.png", who="Jan Writer")


def empty(session: Session) -> str:
    return "/desk/library"


def full(session: Session) -> str:
    for number in range(26):
        picture(session, number)
    return "/desk/library"


def one(session: Session) -> str:
    image = picture(session, 2)
    shown = Picture(image.credit, image.name, image.alt)
    monitor = make.publication(session, name="Baltic Monitor")
    for headline in ("Harbours Prepare for a Winter Without Ice", "Ferries Return"):
        issues.draft(session, monitor, [Article(headline, "Text.", picture=shown)], make.NOW)
    return f"/desk/library/{image.id}"


SCENES = {"empty": empty, "full": full, "picture": one}
