-- Keeps for each camera, and sends at each login, what nobody can read: a subscription request of stranger1 until it is
-- answered, and a message of stranger2 for a resource whose first presence has no negative priority. As a server does that
-- stores what it does not understand.
local jid_bare = require "util.jid".bare;
local st = require "util.stanza";

local answered = {};

local function unreadable(stanza)
	stanza:tag("body");
	-- Written without a look: it ends an element that was never open.
	stanza.tags[1].name = "body></other";
	return stanza;
end

module:hook("presence/initial", function (event)
	local origin, presence = event.origin, event.stanza;
	if not origin.username:find("^camera") then return; end
	local account = jid_bare(origin.full_jid);
	if not answered[account] then
		origin.send(unreadable(st.presence({ type = "subscribe", from = "stranger1@" .. module.host, to = account })));
	end
	if (tonumber(presence:get_child_text("priority")) or 0) >= 0 then
		origin.send(unreadable(st.message({ type = "chat", from = "stranger2@" .. module.host .. "/phone", to = account })));
	end
end);

module:hook("pre-presence/bare", function (event)
	local stanza = event.stanza;
	if stanza.attr.type == "unsubscribed" and stanza.attr.to == "stranger1@" .. module.host then
		answered[jid_bare(event.origin.full_jid)] = true;
	end
end, 1);
