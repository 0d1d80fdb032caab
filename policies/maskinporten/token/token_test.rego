package maskinporten.token_test

import data.maskinporten.token

_now := "2026-11-21T12:00:00.000Z"

_later := "2026-11-21T12:00:00.001Z"

_client := {
	"orgnr": "910000000",
	"active": true,
	"integrationType": "maskinporten",
	"grantTypes": ["urn:ietf:params:oauth:grant-type:jwt-bearer"],
	"scopes": ["a:b", "a:c"],
	"accessTokenLifetime": 120,
}

_scope := {
	"active": true,
	"accessibleForAll": false,
	"allowedIntegrationTypes": [],
	"requiresUserConsent": false,
	"requiresUserAuthentication": false,
	"atMaxAge": 0,
}

_access := {"state": "APPROVED"}

_base := {
	"client": _client,
	"request": {"scopes": ["a:b"], "resource": []},
	"scopes": {"a:b": _scope, "a:c": _scope},
	"accesses": {"910000000": {"a:b": _access, "a:c": _access}},
	"delegations": {},
	"organisations": {orgnr: {"closed": false} | some orgnr in ["910000000", "920000000", "930000000", "940000000"]},
	"context": {"time": _now},
}

_asked(changes) := answer if {
	answer := token.evaluate with input as object.union(_base, changes)
}

_names(changes) := [fault.name | some fault in _asked(changes).faults]

_grant(changes) := _asked(changes).grant

_source := "https://source.example/"

# A supplier, 920000000, that asks for what 910000000 has been granted.
_supplied := {
	"client": object.union(_client, {"orgnr": "920000000"}),
	"request": {"consumer": "910000000"},
	"scopes": {"a:b": object.union(_scope, {"delegationSource": _source})},
	"delegations": {"a:b": {"source": _source}},
}

test_a_granted_scope_is_issued if {
	_asked({}) == {"faults": [], "grant": {
		"consumer": "910000000",
		"supplier": null,
		"delegationSource": null,
		"lifetime": 120,
		"audience": [],
	}}
}

test_without_an_instant_or_scopes_there_is_no_answer if {
	not _asked({"context": {"time": "noon"}})
	not _asked({"request": {"scopes": "a:b"}})
	not _asked({"request": {"scopes": []}})
}

test_the_client if {
	_names({"client": {"active": false}}) == ["MP-100"]
	_names({"client": {"grantTypes": ["authorization_code"]}}) == ["grant-type-not-registered"]
	_names({"request": {"consumer": "910000000"}}) == ["consumer-not-combinable"]
	_names({"client": {"supplier": "920000000"}, "request": {"consumer": "930000000"}}) == ["consumer-not-combinable"]
	_names({"client": {"supplier": "920000000"}, "request": {"onBehalfOf": true}}) == ["consumer-not-combinable"]
	_names({"request": {"onBehalfOf": true}}) == ["onbehalfof-unknown"]
}

test_a_scope_is_registered_and_active if {
	_asked({"request": {"scopes": ["a:b", "a:d"]}}).faults == [{"name": "MP-200", "at": 1}]
	_names({"client": {"scopes": []}}) == ["MP-200"]
	_names({"scopes": {"a:b": {"active": false}}}) == ["MP-200"]
	_names({"request": {"scopes": ["A:b"]}}) == ["MP-200"]
}

test_a_scope_takes_types_of_clients if {
	_names({"scopes": {"a:b": {"allowedIntegrationTypes": ["krr", "maskinporten"]}}}) == []
	_names({"scopes": {"a:b": {"allowedIntegrationTypes": ["krr"]}}}) == ["MP-201"]
	_names({"scopes": {"a:b": {"requiresUserConsent": true}}}) == ["MP-201"]
	_names({"scopes": {"a:b": {"requiresUserAuthentication": true}}}) == ["MP-201"]
}

test_an_access_is_approved_and_lasts if {
	_asked({"accesses": {"910000000": {"a:b": {"state": "DENIED"}}}}).faults == [{"name": "MP-250", "at": 0}]
	_names({"accesses": {"910000000": {"a:b": {"state": "approved"}}}}) == ["MP-250"]
	_names({"accesses": {"910000000": {"a:b": {"until": _now}}}}) == ["MP-250"]
	_names({"accesses": {"910000000": {"a:b": {"until": "never"}}}}) == ["MP-250"]
	_names({"accesses": {"910000000": {"a:b": {"until": _later}}}}) == []
	_names({"client": {"orgnr": "930000000"}}) == ["MP-250"]
	_names({"client": {"orgnr": "930000000"}, "scopes": {"a:b": {"accessibleForAll": true}}}) == []
}

test_a_supplier_needs_a_delegation if {
	_grant(_supplied) == {
		"consumer": "910000000",
		"supplier": "920000000",
		"delegationSource": _source,
		"lifetime": 120,
		"audience": [],
	}
	fault := {"name": "MP-251", "at": 0, "consumer": "910000000", "supplier": "920000000"}
	_asked(object.union(_supplied, {"delegations": {"a:b": {"withdrawn": true}}})).faults == [fault]
	_asked(object.union(_supplied, {"delegations": {"a:b": {"source": "https://other.example/"}}})).faults == [fault]
	_asked(object.union(_supplied, {"delegations": {"a:b": {"until": _now}}})).faults == [fault]
	_asked(object.union(_supplied, {"delegations": {"a:b": {"until": _later}}})).faults == []
	_names(object.union(_supplied, {"accesses": {"910000000": {"a:b": {"state": "DENIED"}}}})) == ["MP-250"]
	_names(object.union(_supplied, {"request": {"scopes": ["a:c"]}})) == ["scope-not-delegable"]
}

test_on_behalf_of_is_by_the_clients_own_access if {
	changes := {"request": {"onBehalfOf": true}, "onBehalfOf": {"orgnr": "930000000"}}
	_grant(changes).consumer == "930000000"
	_grant(changes).supplier == "910000000"
	_grant(changes).delegationSource == null
	_names(object.union(changes, {"scopes": {"a:b": {"delegationSource": _source}}})) == ["scope-only-delegated"]
	_names(object.union(changes, {"client": {"orgnr": "920000000"}})) == ["MP-250"]
}

test_a_client_that_a_supplier_made if {
	made := {"client": {"supplier": "920000000"}}
	_names(made) == ["MP-250"]
	both := object.union(made, {"accesses": {"920000000": {"a:b": _access}}})
	_grant(both).consumer == "910000000"
	_grant(both).supplier == "920000000"
	delegable := object.union(made, {"scopes": {"a:b": {"delegationSource": _source}}})
	_names(delegable) == ["MP-251"]
	_grant(object.union(delegable, {"delegations": {"a:b": {"source": _source}}})).delegationSource == _source
}

test_audiences if {
	_grant({"request": {"resource": ["urn:x", "urn:y"]}}).audience == ["urn:x", "urn:y"]
	enforced := {"scopes": {"a:b": {"enforcedAudience": "urn:x"}}}
	_grant(enforced).audience == ["urn:x"]
	_grant(object.union(enforced, {"request": {"resource": ["urn:x"]}})).audience == ["urn:x"]
	_names(object.union(enforced, {"request": {"resource": ["urn:x", "urn:y"]}})) == ["audience-not-allowed"]
	two := object.union(enforced, {"request": {"scopes": ["a:b", "a:c"]}, "scopes": {"a:c": {"enforcedAudience": "urn:y"}}})
	_names(two) == ["audience-not-allowed"]
}

test_lifetimes if {
	_grant({"client": {"accessTokenLifetime": 600}}).lifetime == 600
	_grant({"client": {"accessTokenLifetime": 90000}}).lifetime == 7200
	_grant({"scopes": {"a:b": {"atMaxAge": 30}}}).lifetime == 30
	_grant({"scopes": {"a:b": {"atMaxAge": 90000}}}).lifetime == 7200
	two := {"request": {"scopes": ["a:b", "a:c"]}, "scopes": {"a:b": {"atMaxAge": 60}, "a:c": {"atMaxAge": 30}}}
	_grant(two).lifetime == 30
}

_closed(orgnrs) := {"organisations": {orgnr: {"closed": true} | some orgnr in orgnrs}}

test_an_organisation_that_has_ceased_gets_nothing_and_gives_nothing if {
	_names(_closed(["910000000"])) == ["MP-100"]
	_names({"organisations": {"910000000": {"closed": null}}}) == ["MP-100"]
	_names({"client": {"orgnr": "950000000"}}) == ["MP-100"]
	kept := {"client": {"supplier": "920000000"}, "accesses": {"920000000": {"a:b": _access}}}
	_names(kept) == []
	_names(object.union(kept, _closed(["920000000"]))) == ["MP-100"]
	_names(object.union(_supplied, _closed(["910000000"]))) == ["MP-250"]
	open_for_all := {"scopes": {"a:b": {"accessibleForAll": true}}}
	_names(object.union_n([_supplied, open_for_all, _closed(["910000000"])])) == ["MP-250"]
	for_another := {"request": {"onBehalfOf": true}, "onBehalfOf": {"orgnr": "930000000"}}
	_names(for_another) == []
	_names(object.union(for_another, _closed(["930000000"]))) == ["onbehalfof-unknown"]
	owned := {"scopes": {"a:b": {"owner": "940000000"}}}
	_names(owned) == []
	_names(object.union(owned, _closed(["940000000"]))) == ["MP-200"]
	_names({"scopes": {"a:b": {"owner": "950000000"}}}) == ["MP-200"]
}
