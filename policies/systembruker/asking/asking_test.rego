package systembruker.asking_test

import data.systembruker.asking

_machine := {"kind": "machine", "consumer": "910000000", "clientId": "c", "scopes": ["altinn:authorization/authorize"]}

_about := {"resource": {"owner": "910000000"}, "organisation": "920000000"}

_reasons(caller, about) := slugs if {
	slugs := asking.may_ask.reasons with input as object.union({"caller": caller}, about)
}

test_the_owner_of_the_service_may_ask if {
	asking.may_ask == {"allowed": true, "reasons": []} with input as object.union({"caller": _machine}, _about)
	_reasons(object.union(_machine, {"scopes": ["ks:fiks"]}), _about) == []
}

test_an_organisation_may_ask_of_itself if {
	_reasons(object.union(_machine, {"consumer": "920000000"}), _about) == []
}

test_others_may_not if {
	_reasons(object.union(_machine, {"consumer": "930000000"}), _about) == ["resource_unknown"]
	_reasons(_machine, {}) == ["resource_unknown"]
	_reasons(object.union(_machine, {"scopes": ["altinn:authorization"]}), _about) == ["scope_missing"]
	_reasons({"kind": "person", "clientId": "c", "scopes": ["ks:fiks"]}, _about) == ["caller_not_machine", "resource_unknown"]
	_reasons({}, {}) == ["caller_not_machine", "scope_missing", "resource_unknown"]
}
