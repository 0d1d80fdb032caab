# METADATA
# title: Who may use an application, and for which organisations
# description: |
#   Two questions over one input document (schemas/access-input.json), both built on data.tilgang.grants.covers, so that they agree.
#   Without an instant in context.time neither has an answer: the caller of the policy gets an error, not a shortened list.
# schemas:
#   - input: schema["access-input"]
package tilgang.access

import data.tilgang.grants

# METADATA
# title: For which organisations may the subject use the application?
# description: |
#   allowed and reasons are about the caller: may this one ask? organisations is empty unless allowed and the application is active.
# entrypoint: true
search := {"allowed": true, "reasons": [], "organisations": sort(_organisations)} if {
	grants.is_instant(input.context.time)
	_caller_allowed
} else := {"allowed": false, "reasons": sort(_caller_faults), "organisations": []} if {
	grants.is_instant(input.context.time)
}

# METADATA
# title: May the subject use the application for this organisation?
# description: reasons is ["granted"], or everything that stands in the way; the caller's own faults come alone.
# entrypoint: true
evaluate := {"allowed": true, "reasons": ["granted"]} if {
	grants.is_instant(input.context.time)
	_caller_allowed
	_role_offered
	some grant in input.grants
	grant.konsument == input.resource.id
	grants.covers(grant, input.action.name, input.context.time)
} else := {"allowed": false, "reasons": sort(_faults)} if {
	grants.is_instant(input.context.time)
	_caller_allowed
} else := {"allowed": false, "reasons": sort(_caller_faults)} if {
	grants.is_instant(input.context.time)
}

# Under delegation (Maskinporten) the consumer is the tilbyder and the supplier acts for it: the supplier matters only if the application limits its clients.
_caller_allowed if {
	_is_machine
	_has_scope
	_is_known
	_is_tilbyder
	_client_allowed
}

# Each condition has its own rule: an undefined reference under `not` would otherwise make the fault undefined too.
_is_machine if input.caller.kind == "machine"

_has_scope if "ks:fiks" in input.caller.scopes

_is_known if is_string(input.application.tilbyder)

_is_tilbyder if input.caller.consumer == input.application.tilbyder

# Absent clients: every client of the tilbyder may ask. Clients of an odd shape: none may.
_client_allowed if not _clients_limited

_client_allowed if {
	is_object(input.application.clients)
	_id_allowed
	_supplier_allowed
}

_clients_limited if _ = input.application.clients

_id_allowed if not _ids_limited

_id_allowed if input.caller.clientId in input.application.clients.ids

_ids_limited if _ = input.application.clients.ids

# Who may act for the tilbyder under delegation; the tilbyder itself always may.
_supplier_allowed if not _suppliers_limited

_supplier_allowed if not _delegated

_supplier_allowed if input.caller.supplier in input.application.clients.suppliers

_suppliers_limited if _ = input.application.clients.suppliers

_delegated if _ = input.caller.supplier

_is_active if input.application.state == "active"

_knows_role if input.action.name in input.application.roles

_caller_faults contains "caller_not_machine" if not _is_machine

_caller_faults contains "scope_missing" if not _has_scope

_caller_faults contains "application_unknown" if not _is_known

_caller_faults contains "caller_foreign" if {
	_is_known
	not _is_tilbyder
}

_caller_faults contains "client_not_allowed" if {
	_is_known
	_is_tilbyder
	not _client_allowed
}

# The application is in use and knows the role.
_role_offered if {
	_is_active
	_knows_role
}

_organisations contains grant.konsument if {
	_role_offered
	some grant in input.grants
	grants.covers(grant, input.action.name, input.context.time)
}

_faults contains "application_not_active" if not _is_active

_faults contains "role_missing" if not _knows_role

_faults contains "grant_missing" if not _has_grant

_faults contains slug if {
	some grant in input.grants
	grant.konsument == input.resource.id
	some slug in grants.faults(grant, input.action.name, input.context.time)
}

_has_grant if {
	some grant in input.grants
	grant.konsument == input.resource.id
}
