-- Asks the questions of a file, one JSON body per line, in turn, each connection pausing for so many milliseconds before it asks (third argument); prints what came of it as one line of JSON.
local requests = {}
local at = 0
local pause = 0

function init(args)
  local headers = { ["Content-Type"] = "application/json" }
  if args[2] and args[2] ~= "" then headers["Authorization"] = "Bearer " .. args[2] end
  pause = tonumber(args[3] or 0)
  if pause == 0 then delay = nil end
  for body in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("POST", nil, headers, body)
  end
end

-- Between half and one and a half of it, so that connections do not keep step.
function delay()
  return math.floor(pause * (0.5 + math.random()))
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format('\n{"requests":%d,"seconds":%f,"p50":%f,"p99":%f,"refused":%d,"broken":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
