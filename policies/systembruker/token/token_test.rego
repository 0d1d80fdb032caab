package systembruker.token_test

import data.systembruker.token

_base := {
	"asked": {"client": "c", "consumer": "910000000", "owner": "920000000", "externalRef": "920000000"},
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
	"organisations": {"910000000": {"closed": false}, "920000000": {"closed": false}, "930000000": {"closed": false}},
}

_reasons(changes) := slugs if {
	slugs := token.evaluate.reasons with input as object.union(_base, changes)
}

test_the_client_of_the_system_gets_it if {
	token.evaluate == {"allowed": true, "reasons": []} with input as _base
}

test_the_client_is_on_a_living_system if {
	_reasons({"asked": {"client": "C"}}) == ["client_on_no_system"]
	_reasons({"system": {"deleted": true}}) == ["client_on_no_system"]
	_reasons({"system": {"deleted": null}}) == ["client_on_no_system"]
	token.evaluate.reasons == ["client_on_no_system"] with input as object.remove(_base, ["system"])
}

test_the_token_is_of_the_systems_vendor if {
	_reasons({"asked": {"consumer": "930000000"}}) == ["vendor_other"]
	token.evaluate.reasons == ["vendor_other"] with input as object.union(object.remove(_base, ["asked"]), {"asked": {"client": "c"}})
}

test_the_vendor_has_not_ceased if {
	_reasons({"organisations": {"910000000": {"closed": true}}}) == ["vendor_ceased"]
	token.evaluate.reasons == ["vendor_ceased"] with input as object.remove(_base, ["organisations"])
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
	_reasons({"organisations": {"920000000": {"closed": true}}}) == ["owner_ceased"]
	_reasons({"organisations": {"920000000": {"closed": null}}}) == ["owner_ceased"]
}

# What is read of the scopes, and of the system user.
_issue(changes) := answer if {
	scopes := {
		"client": {
			"orgnr": "910000000",
			"active": true,
			"integrationType": "maskinporten",
			"grantTypes": ["urn:ietf:params:oauth:grant-type:jwt-bearer"],
			"scopes": ["a:b"],
			"accessTokenLifetime": 120,
		},
		"request": {"scopes": ["a:b"], "resource": []},
		"scopes": {"a:b": {
			"active": true,
			"accessibleForAll": true,
			"allowedIntegrationTypes": [],
			"requiresUserConsent": false,
			"requiresUserAuthentication": false,
			"atMaxAge": 0,
		}},
		"accesses": {},
		"delegations": {},
		"organisations": {},
		"context": {"time": "2026-11-21T12:00:00.000Z"},
	}
	base := object.union(_base, {"asked": {"client": "c", "owner": "920000000", "externalRef": "920000000"}})
	answer := token.issue with input as object.union_n([base, scopes, changes])
}

test_scopes_and_system_user_are_judged_together if {
	answer := _issue({})
	answer.faults == []
	answer.grant.consumer == "910000000"
	answer.systemUser == {"allowed": true, "reasons": []}
	_issue({"systemUser": {"deactivated": true}}).systemUser == {"allowed": false, "reasons": ["system_user_deactivated"]}
}

test_the_token_is_for_the_systems_vendor_whatever_is_sent if {
	_issue({"system": {"vendor": "930000000"}, "systemUser": {"vendor": "930000000"}}).systemUser.reasons == ["vendor_other"]
	_issue({
		"asked": {"consumer": "930000000"},
		"system": {"vendor": "930000000"},
		"systemUser": {"vendor": "930000000"},
	}).systemUser.reasons == ["vendor_other"]
}

test_without_a_grant_nothing_is_said_of_the_system_user if {
	_issue({"client": {"active": false}}) == {"faults": [{"name": "MP-100"}], "grant": null}
	not _issue({"context": {"time": "noon"}})
}
