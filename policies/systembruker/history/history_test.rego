package systembruker.history_test

import data.systembruker.admin
import data.systembruker.history

_vendors := ["change-request.create", "change-request.withdraw", "request.create", "request.withdraw", "system-user.give-back"]

_customers := [
	"change-request.approve", "change-request.reject", "request.approve", "request.escalate", "request.reject", "system-user.activate",
	"system-user.change", "system-user.create", "system-user.deactivate", "system-user.delete", "system-user.move",
]

_told(reader, actor, actions) := told if {
	acts := [{"action": action, "actor": actor} | some action in actions]
	told := history.told with input as {"reader": reader, "acts": acts}
	count(told) == count(actions)
}

test_what_a_vendor_does_is_told_as_its_own_and_of_no_person if {
	every reader in ["vendor", "customer"] {
		every one in _told(reader, "910000000", _vendors) { one == {"side": "vendor", "who": false} }
	}
}

test_who_of_the_customer_did_it_is_told_to_the_customer_alone if {
	every one in _told("customer", "me", _customers) { one == {"side": "customer", "who": true} }
	every one in _told("vendor", "me", _customers) { one == {"side": "customer", "who": false} }
	every one in _told("other", "me", _customers) { one == {"side": "customer", "who": false} }
}

test_what_the_operator_does_and_what_comes_with_time_is_the_operators if {
	acts := array.concat(array.concat(_vendors, _customers), ["request.expire", "change-request.expire"])
	every one in _told("customer", "operator", acts) { one == {"side": "operator", "who": false} }
}

test_the_sides_are_those_that_may_do_it if {
	every action in _vendors { admin._row == "requesting" with input as {"action": {"name": action}} }
	every action in _customers { admin._row in {"answering", "opening"} with input as {"action": {"name": action}} }
}

test_without_acts_there_is_no_answer if not history.told with input as {"reader": "customer"}
