# Who asks.
# What depends on the caller and on the row of the act only; it comes first, and alone.
package tilgang.admin

_is_machine if input.caller.kind == "machine"

_is_person if input.caller.kind == "person"

_is_operator if input.caller.kind == "operator"

_is_identified if _is_machine

_is_identified if _is_person

_is_identified if _is_operator

_caller_faults contains "caller_unknown" if not _is_identified

_caller_faults contains "operator_needed" if {
	_row == "operating"
	not _is_operator
}

_caller_faults contains "scope_missing" if {
	_is_machine
	not _row == "operating"
	not _has_scope
}

_caller_faults contains "person_needed" if {
	_is_machine
	_row == "appointing"
}

_caller_faults contains "security_level_too_low" if {
	_is_person
	not _has_security_level
}

_has_scope if _scope[_row] in input.caller.scopes

_has_security_level if input.caller.acr in {"idporten-loa-high", "Level4"}
