package systembruker.token_test

import data.systembruker.token

_base := {
	"client": {"id": "c", "consumer": "910000000"},
	"asked": {"owner": "920000000", "externalRef": "920000000"},
	"system": {"id": "910000000_s", "vendor": "910000000", "deleted": false, "clientIds": ["b", "c"]},
	"systemUser": {
		"id": "u",
		"systemId": "910000000_s",
		"vendor": "910000000",
		"party": "920000000",
		"externalRef": "920000000",
		"status": "Accepted",
		"removed": false,
		"deactivated": false,
	},
	"vendor": {"closed": false},
	"owner": {"closed": false},
}

_reasons(changes) := slugs if {
	slugs := token.evaluate.reasons with input as object.union(_base, changes)
}

test_the_client_of_the_system_gets_it if {
	token.evaluate == {"allowed": true, "reasons": []} with input as _base
}

test_the_client_is_on_a_living_system if {
	_reasons({"client": {"id": "C"}}) == ["client_on_no_system"]
	_reasons({"system": {"deleted": true}}) == ["client_on_no_system"]
	_reasons({"system": {"deleted": null}}) == ["client_on_no_system"]
	token.evaluate.reasons == ["client_on_no_system"] with input as object.remove(_base, ["system"])
}

test_the_token_is_of_the_systems_vendor if {
	_reasons({"client": {"consumer": "930000000"}}) == ["vendor_other"]
}

test_the_vendor_has_not_ceased if {
	_reasons({"vendor": {"closed": true}}) == ["vendor_ceased"]
	token.evaluate.reasons == ["vendor_ceased"] with input as object.remove(_base, ["vendor"])
}

test_there_is_such_a_system_user if {
	token.evaluate.reasons == ["system_user_unknown"] with input as object.remove(_base, ["systemUser"])
	_reasons({"asked": {"owner": "930000000"}}) == ["system_user_unknown"]
	_reasons({"asked": {"externalRef": "x"}}) == ["system_user_unknown"]
	_reasons({"systemUser": {"systemId": "910000000_t"}}) == ["system_user_unknown"]
	_reasons({"systemUser": {"vendor": "930000000"}}) == ["system_user_unknown"]
}

test_it_has_been_approved_and_is_not_over if {
	_reasons({"systemUser": {"status": "New"}}) == ["system_user_not_approved"]
	_reasons({"systemUser": {"status": "Rejected"}}) == ["system_user_not_approved"]
	_reasons({"systemUser": {"status": "Timedout"}}) == ["system_user_not_approved"]
	_reasons({"systemUser": {"removed": true}}) == ["system_user_not_approved"]
	_reasons({"systemUser": {"removed": null}}) == ["system_user_not_approved"]
	_reasons({"systemUser": {"deactivated": true}}) == ["system_user_deactivated"]
	_reasons({"systemUser": {"deactivated": null}}) == ["system_user_deactivated"]
	_reasons({"owner": {"closed": true}}) == ["owner_ceased"]
	token.evaluate.reasons == ["owner_ceased"] with input as object.remove(_base, ["owner"])
}
