-- What scripts do: objects with methods, closures, tables as lists and as maps, strings cut and joined, sorting.
local Account = {}
Account.__index = Account

function Account.new(name, balance)
  return setmetatable({ name = name, balance = balance, log = {} }, Account)
end

function Account:add(amount)
  self.balance = self.balance + amount
  self.log[#self.log + 1] = amount
  return self.balance
end

local function counter(step)
  local value = 0
  return function()
    value = value + step
    return value
  end
end

function work(round)
  local accounts, sum = {}, 0
  local next_amount = counter(round % 7 + 1)
  for i = 1, 50 do accounts[i] = Account.new("account " .. i, i * 10) end
  for i = 1, 2000 do sum = sum + accounts[i % 50 + 1]:add(next_amount() % 100) end
  table.sort(accounts, function(a, b)
    if a.balance ~= b.balance then return a.balance < b.balance end
    return a.name < b.name
  end)
  local words, counts = {}, {}
  for i = 1, 200 do words[i] = string.format("%s-%d", accounts[i % 50 + 1].name, i % 17) end
  for word in table.concat(words, " "):gmatch("%w+") do counts[word] = (counts[word] or 0) + 1 end
  for word, count in pairs(counts) do sum = sum + #word * count end
  local x = 0.5
  for _ = 1, 2000 do x = 3.7 * x * (1 - x) end
  return sum + math.floor(x * 1000)
end
