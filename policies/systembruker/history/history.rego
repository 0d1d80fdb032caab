# METADATA
# title: Whose acts stand in the history of a system user
# description: |
#   What was done to a system user is told to its customer and to its vendor: which side did it, and to the customer which person. The acts are those of systembruker/admin;
#   what nobody did, but came with time, is the service's own.
# schemas:
#   - input: schema["systembruker-history-input"]
package systembruker.history

# METADATA
# title: Which side did each of the acts, and whether the reader learns who
# description: In their order.
# entrypoint: true
told := [{"side": _side(act), "who": _is_told(act)} | some act in input.acts] if is_array(input.acts)

# What vendors do.
_vendors := {
	"change-request.create",
	"change-request.withdraw",
	"request.create",
	"request.withdraw",
	"system-user.give-back",
}

_side(act) := "operator" if {
	act.actor == "operator"
} else := "vendor" if {
	act.action in _vendors
} else := "customer"

# A vendor never learns who of the customer it was.
_is_told(act) if {
	input.reader == "customer"
	_side(act) == "customer"
} else := false
