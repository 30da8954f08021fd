-- The health of a Space, an App or a Dyno, by the rules of kstatus: Reconciling and Stalled are there only while they are true.
local health = { status = "Progressing", message = "The operator has not looked at this generation yet." }

local function condition(type)
  if obj.status ~= nil and obj.status.conditions ~= nil then
    for _, found in ipairs(obj.status.conditions) do
      if found.type == type and found.status == "True" then
        return found
      end
    end
  end
  return nil
end

if obj.metadata.deletionTimestamp ~= nil then
  health.message = "The object is being deleted."
  return health
end

if obj.status == nil or obj.status.observedGeneration ~= obj.metadata.generation then
  return health
end

local stalled = condition("Stalled")
local reconciling = condition("Reconciling")
local ready = condition("Ready")
if stalled ~= nil then
  health.status = "Degraded"
  health.message = stalled.message
elseif reconciling ~= nil then
  health.message = reconciling.message
elseif ready ~= nil then
  health.status = "Healthy"
  health.message = ready.message
end

return health
