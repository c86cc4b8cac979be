"""A few words for a browser's long name of itself, so that people know their sessions apart."""

BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrom", "Chrome"),
    ("Safari", "Safari"),
    ("curl", "curl"),
    ("python", "Python"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iOS"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def describe(user_agent: str) -> tuple[str, str, str]:
    """Return the kind of device, the browser and the system that a user agent names."""
    browser = next((name for sign, name in BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in SYSTEMS if sign in user_agent), "")
    if "iPad" in user_agent or "Tablet" in user_agent:
        return "tablet", browser, system
    if "Mobi" in user_agent:
        return "phone", browser, system
    return ("computer" if system else ""), browser, system
