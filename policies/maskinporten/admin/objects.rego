# What the act is about.
# Whose it is comes first, and alone: what is another one's and what is not there at all are told by the same word.
package maskinporten.admin

_object_faults := {"object_foreign"} if {
	_concerns_object
	not _is_own
} else := {"object_unknown"} if {
	_concerns_object
	not _is_there
} else := _state_faults

_concerns_object if input.action.name in _about_objects

_about_objects := {
	"access.grant",
	"access.list",
	"access.revoke",
	"client-key.list",
	"client-key.put",
	"client-key.remove",
	"client-key.replace",
	"client-secret.new",
	"client.change",
	"client.create",
	"client.deactivate",
	"client.read",
	"datasharing.deactivate-client",
	"onbehalfof.list",
	"onbehalfof.put",
	"onbehalfof.read",
	"onbehalfof.remove",
	"own-system.change-client",
	"scope.change",
	"scope.create",
	"scope.deactivate",
	"scope.read",
}

_is_own if _is_operator

_is_own if input.object.owner == input.organisation.orgnr

# A supplier keeps the clients that it has made for others.
_is_own if {
	input.action.name in _about_clients
	input.object.supplier == input.organisation.orgnr
}

_about_clients := {name | some name in _about_objects; not split(name, ".")[0] in {"access", "datasharing", "scope"}}

_is_there if input.action.name in {"client.create", "scope.create"}

_is_there if input.object.exists == true

_state_faults contains "supplier_scope_missing" if {
	input.action.name == "client.create"
	_is_machine
	not input.object.owner == input.organisation.orgnr
	not "idporten:dcr.supplier" in input.caller.scopes
}

# Its tokens name the supplier: whose it is sees it and ends it, and signs nothing in the supplier's name.
_state_faults contains "client_of_supplier" if {
	input.action.name in _about_clients
	not input.action.name in {"client-key.list", "client.deactivate", "client.read", "onbehalfof.list", "onbehalfof.read"}
	not _is_operator
	supplier := input.object.supplier
	not supplier == input.organisation.orgnr
}

# By the supplier's scope alone nobody keeps clients of one's own.
_state_faults contains "scope_missing" if {
	input.action.name == "client.create"
	_is_machine
	input.object.owner == input.organisation.orgnr
	not "idporten:dcr.write" in input.caller.scopes
}

_state_faults contains "prefix_inactive" if {
	input.action.name in {"scope.change", "scope.create"}
	not input.object.prefixActive == true
}

_state_faults contains "scope_inactive" if {
	input.action.name == "access.grant"
	not input.object.active == true
}

# What has ceased is given nothing: no access, no delegation, no client, no prefix.
_state_faults contains "recipient_closed" if {
	input.action.name in _giving
	not input.object.recipientClosed == false
}

_giving := {"access.grant", "client.create", "delegation.give", "prefix.hand-out"}

# By the simple way nobody puts out of use what the organisation is administered with.
_state_faults contains "client_administers" if {
	input.action.name == "datasharing.deactivate-client"
	not input.object.ofProduct == false
}

# The product's own scopes are the operator's to grant, whoever has the operator's organisation number.
_state_faults contains "operator_needed" if {
	_row == "writing"
	not _is_operator
	not object.get(input.object, "ofProduct", false) == false
}

# A delegation is about a scope of somebody else's. One that the consumer may not know of is as one that is not there.

_state_faults contains "scope_unknown" if {
	input.action.name == "delegation.give"
	not _knows_scope
}

_state_faults contains "scope_inactive" if {
	input.action.name == "delegation.give"
	_knows_scope
	not input.object.active == true
}

_state_faults contains "scope_not_delegated" if {
	input.action.name == "delegation.give"
	_knows_scope
	not input.object.delegatedHere == true
}

_knows_scope if {
	input.object.exists == true
	_is_shown
}

_is_shown if _is_operator

_is_shown if input.object.visibility == "PUBLIC"

_is_shown if input.object.owner == input.organisation.orgnr

_is_shown if input.object.granted == true
