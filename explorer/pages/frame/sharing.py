"""What networks, newsletters and chatbots add to an address that is shared; no page means it."""

import re
from collections.abc import Collection
from urllib.parse import unquote_plus

_CLICKS = (
    r"[a-z]{1,5}clid|(?:[a-z]{1,3}_?)?click_?id|sccid|msclkid|gclsrc|gbraid|wbraid|gad_\w+|li_fat_id|s_kwcid|ef_id|epik|rdt_cid"
    r"|irgwc|cjevent|tduid|sscid|awc|tblci|dicbo|vmcid"
)
_COUNTERS = (
    r"utm[_-]\w+|_gl|_g[ai][dc]?(?:_\w+)?|_fb[cp]|_openstat|_hsenc|_hsmi|__hs\w+|hsctatracking|hslang|_k[ex]|_branch_\w+"
    r"|(?:pk|mtm|piwik|matomo|hsa|rdt|sc|trk|stm|itm|ns|ga|fb|mkwid|sb|guce)_\w+|guccounter|spm|wt_mc|wt_zmc|xtor|ncid"
    r"|at_(?:medium|campaign\w*|custom\d*|link_\w+|recipient_\w+|ptr_\w+|bbc_\w+)|cmpid|cmp|ocid|wickedid|zanpid"
)
_NEWSLETTERS = (
    r"mc_[ce]id|mkt_tok|vero_(?:id|conv)|oly_\w+_id|dm_[it]|_bhlid|_bta_\w+|ck_subscriber_id|ml_subscriber(?:_hash)?"
    r"|elq\w*|nr_email_referer|__s|email_(?:source|hash)|campaign_?id|trkemail|publication_id|isfreemail|triedredirect"
)
_NETWORKS = (
    r"igsh(?:id)?|mibextid|__cft__\[\d+\]|__tn__|__xts__(?:\[\d+\])?|eid|sfnsn|srsltid|ved|usg|lipi|rcm|trk|si|sr_share|share_?id|smid"
    r"|share|shared|via|feature|source|wprov|isappinstalled|nsukey|tt_from|sender_device|is_from_webapp|amp|_x_tr_\w+"
    r"|__twitter_impression|__readwiselocation|ref(?:_\w+|errer_id|errerid|erral)?|originalsubdomain"
)
_OF_SHARING = re.compile(f"(?:amp;)*(?:{_CLICKS}|{_COUNTERS}|{_NEWSLETTERS}|{_NETWORKS})", re.IGNORECASE)


def without_sharing(query: str, *, known: Collection[str] = ()) -> str:
    """A query as it was before sharing added to it; parameters that are ``known`` stay as written."""
    return "&".join(each for each in query.split("&") if not _is_of_sharing(each, known))


def _is_of_sharing(parameter: str, known: Collection[str]) -> bool:
    name = unquote_plus(parameter.partition("=")[0])
    return name not in known and _OF_SHARING.fullmatch(name) is not None
