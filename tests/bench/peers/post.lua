-- wrk's script: POST one body, under up to 64 keys in turn, and print the counts as JSON.
-- Arguments: BODY_FILE PATH NUMBER_OF_KEYS FURTHER_HEADER_LINES

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  local body = file:read("*a")
  file:close()
  wrk.method = "POST"
  wrk.path = arguments[2]
  wrk.body = body
  wrk.headers["Content-Type"] = "application/json"
  for name, value in arguments[4]:gmatch("([^:]+): ([^\r]*)\r\n") do
    wrk.headers[name] = value
  end
  local keys = tonumber(arguments[3])
  local prepared = {}
  for index = 1, math.min(keys, 64) do
    wrk.headers["Authorization"] = "Bearer sk-bench-" .. math.floor((index - 1) * keys / 64)
    prepared[index] = wrk.format()
  end
  if #prepared > 1 then
    -- Defined only here: with a request() of its own, wrk copies each request anew.
    local index = 0
    function request()
      index = index % #prepared + 1
      return prepared[index]
    end
  end
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format('\n{"requests":%d,"micros":%d,"non_2xx":%d,"broken":%d}\n', summary.requests,
    summary.duration, errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
