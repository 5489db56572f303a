"""Lists that do not exist, and servers that will not say it in OAI-PMH: the right end is a clear error."""
from fault_case import Case, PLAIN, oai_error, on_lists, says
from fault_repository import Repository

XML = {"Content-Type": "text/xml; charset=utf-8"}
ALMA_21 = (b'<?xml version="1.0" encoding="UTF-8"?><error><error_code>21</error_code>'
           b"<error_message>Unauthorized access to the OAI services</error_message></error>")
SIGN_IN = (b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><form method='post'>"
           b"<input name='user'/><input name='password' type='password'/></form></body></html>")


def refused(name, text, alter, arguments=None):
    return Case(name, text, Repository(records=[]), alter, end="missing", arguments=arguments or {})


CASES = [
    refused("set-unknown-no-records-match", "noRecordsMatch whose text says that the set does not exist.",
            on_lists(oai_error("noRecordsMatch", "The set nowhere does not exist.")), {"set": "nowhere"}),
    refused("no-set-hierarchy", "noSetHierarchy to a request with a set.",
            on_lists(oai_error("noSetHierarchy", "There are no sets.")), {"set": "nowhere"}),
    refused("alma-no-publishing-profile", "Alma's noRecordsMatch for a set that is not published.",
            on_lists(oai_error("noRecordsMatch", "No Publishing profile exists for given set and metadataPrefix")),
            {"set": "nowhere"}),
    refused("alma-error-21", "Alma's XML page with error code 21, which is not OAI-PMH.", says(ALMA_21, XML)),
    refused("alma-plain-text", "Alma's refusal in plain text.",
            says(b"OAI Repository is not active for this institution", PLAIN)),
    refused("sign-in-page", "A sign-in page of HTML in answer to everything, under 200.", says(SIGN_IN)),
    refused("sign-in-page-as-xml", "A well-formed sign-in page under text/xml.",
            says(SIGN_IN.replace(b"<!DOCTYPE html>\n", b""), XML)),
]
