from tests.browser.conftest import Open
from tests.browser.site import Site


def test_shots(site: Site, open_window: Open) -> None:
    for name in (
        "records",
        "records-of-all-chains",
        "records-filtered",
        "records-none-fits",
        "records-of-hostile-texts",
        "record",
    ):
        for width in (1280, 390):
            v = open_window(width=width).go(site.pages[name].path)
            v.page.screenshot(
                path=f"/tmp/w/list/{name}-{width}.png",
                clip={"x": 0, "y": 0, "width": width, "height": 1100},
                full_page=True,
            )
