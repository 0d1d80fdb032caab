# METADATA
# title: What is required of a caller that asks about an application
# description: |
#   It depends on the caller and the application only (schemas/may-ask-input.json), on no person and no moment: so nothing of a
#   person's needs to be read for it, and the same caller gets the same answer until the application is another.
# schemas:
#   - input: schema["may-ask-input"]
package tilgang.callers

# METADATA
# title: The caller may ask
# description: |
#   Under delegation (Maskinporten) the consumer is the tilbyder and the supplier acts for it: the supplier matters only if the
#   application limits its clients.
allowed if {
	_is_machine
	_has_scope
	_is_known
	_is_tilbyder
	_client_allowed
}

# METADATA
# title: Why the caller may not ask, the most telling first
# description: |
#   Empty exactly when it may. Whoever answers the caller tells the first; application_unknown and caller_foreign are to look alike.
reasons := [slug | some slug in _precedence; slug in _faults]

_precedence := ["caller_not_machine", "scope_missing", "application_unknown", "caller_foreign", "client_not_allowed"]

_faults contains "caller_not_machine" if not _is_machine

_faults contains "scope_missing" if not _has_scope

_faults contains "application_unknown" if not _is_known

_faults contains "caller_foreign" if {
	_is_known
	not _is_tilbyder
}

_faults contains "client_not_allowed" if {
	_is_known
	_is_tilbyder
	not _client_allowed
}

# Each condition has its own rule: an undefined reference under `not` would otherwise make the fault undefined too.
_is_machine if input.caller.kind == "machine"

_has_scope if "ks:fiks" in input.caller.scopes

# An organisation number: without one the application is nobody's, whatever the caller has for a consumer.
_is_known if {
	is_string(input.application.tilbyder)
	count(input.application.tilbyder) == 9
}

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
