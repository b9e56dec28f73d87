-- The nodes' part of a scrub: records that make none.
-- needs: scanPiece, repair, checks from frame/checks
-- needs: setAsideNode from nodes/aside
-- needs: parseNode from nodes/node

local function checkNodes(name, behind)
  return function(cursor, limit)
    local broken = {}
    local after, checked = scanPiece('HSCAN', name, cursor, limit, function(incarnation, text)
      if not parseNode(string.match(text, behind) or '') then broken[#broken + 1] = incarnation end
    end)
    for _, incarnation in ipairs(broken) do
      if setAsideNode(incarnation, 'its%20words%20make%20no%20node') then repair('unreadable') end
    end
    return after, checked
  end
end

checks[#checks + 1] = checkNodes(key.nodes, '^.*$')
checks[#checks + 1] = checkNodes(key.gone, '^%S+ (.*)$')
