-- What luacheck holds the Lua of stores/redis to: each file knows Redis's names, the keys of format/keys.ts, and those that
-- its own first lines need or give (frame/linker.ts); any other global is an error.
local lfs = require 'lfs'
local root = 'src/stores/redis'

local function textOf(path)
  local file = assert(io.open(path))
  local text = file:read('*a')
  file:close()
  return text
end

local keys = {}
for name in textOf(root .. '/format/keys.ts'):match('const names = (%b{})'):gmatch('\n  (%w+): \'') do keys[name] = {} end

std = {
  read_globals = {
    'KEYS', 'ARGV', 'ipairs', 'pairs', 'next', 'tonumber', 'tostring', 'type', 'unpack', 'error', 'pcall',
    cjson = { fields = { 'decode' } },
    redis = { fields = { 'call', 'pcall' } },
    string = { fields = { 'byte', 'char', 'find', 'format', 'gmatch', 'gsub', 'len', 'match', 'rep', 'sub' } },
    table = { fields = { 'concat', 'remove', 'sort' } },
    math = { fields = { 'abs', 'ceil', 'floor', 'huge', 'max', 'min' } },
    key = { fields = keys },
  },
}
max_line_length = 140

-- The names in the lines that begin with the word.
local function said(text, word)
  local names = {}
  for line in text:gmatch('%-%- ' .. word .. ': ([^\n]+)') do
    for name in line:gsub(' from .+$', ''):gmatch('[%w_]+') do names[#names + 1] = name end
  end
  return names
end

local paths, shared = {}, {}

local function find(folder)
  for name in lfs.dir(folder) do
    local path = folder .. '/' .. name
    if name:match('%.lua$') then
      paths[#paths + 1] = path
      for _, each in ipairs(said(textOf(path), 'shares')) do shared[each] = true end
    elseif name:sub(1, 1) ~= '.' and lfs.attributes(path, 'mode') == 'directory' then find(path) end
  end
end

find(root)

for _, path in ipairs(paths) do
  local text = textOf(path)
  local read, write = {}, said(text, 'gives')
  for _, name in ipairs(said(text, 'shares')) do write[#write + 1] = name end
  -- What is shared may be added to by those that need it.
  for _, name in ipairs(said(text, 'needs')) do table.insert(shared[name] and write or read, name) end
  files[path] = { read_globals = read, globals = write }
end
