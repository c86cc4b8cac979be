"""What the demo company has to do: five projects, told line by line.

A line is: status, type, priority 1-5 | who | size | due, in days from today | labels | title |
description. Sizes are hours, in the portal story points.
"""

NORDHOF = """
d t 4|Aisha+Sofia|6|-54|paperwork|Sign the contract with the Nordhof housing cooperative|Six \
roofs, 84 kWp in all, tenants' power model. Signed copy goes to Fatima for the subsidy file.
d t 3|Mei|14|-50|design|Survey the six roofs with the drone|Flight permit is attached to the \
permit task. Mark every chimney, dormer and the lift housing on house 4.
d t 4|Kwame|10|-46|design|Check the structural reserve of houses 1 to 6|Houses 2 and 5 have \
gravel roofs; the engineer must confirm 0.28 kN/m² of extra load.
d t 3|Mei|16|-43|design|Lay out strings for houses 1 to 3|
d t 3|Mei|16|-39|design|Lay out strings for houses 4 to 6|The lift housing shades house 4 from \
two o'clock: optimisers on strings 4.3 and 4.4.
d t 4|Mei+Kwame|8|-36|design|Choose the inverters|Three 20 kW and three 8 kW units; all six need \
the remote switch the grid operator asks for.
d t 3|Fatima|5|-35|paperwork|Apply for the state subsidy|Deadline is before the order is placed, \
not after. Keep the receipt.
d t 4|Aisha|4|-33|paperwork,grid|Send the grid connection request|Form E.2 with the single-line \
diagram. The grid operator has eight weeks.
d t 3|Mateus|3|-31|purchasing|Order 204 modules and the mounting rails|
d t 3|Mateus|2|-30|purchasing|Order inverters and optimisers|
d t 2|Aisha|3|-29|tenants|Write the first letter to the tenants|What happens when, who to call, \
and that the courtyard stays open for bicycles.
d t 4|Tomasz|6|-27|safety|Plan scaffolding and fall protection|House 6 stands at the pavement: the \
city wants a walkway of 1.5 m kept free.
d t 3|Tomasz+Lars|16|-24|roof|Mount rails on house 1|
d t 3|Tomasz+Lars|18|-21|roof|Mount modules on house 1|
d t 3|Lars|12|-19|electrical|Pull DC cables and mount the inverter in house 1|
d t 4|Tomasz|4|-18|electrical,safety|Measure and sign off house 1|Insulation resistance above \
1 MΩ, strings within 2 % of each other, earth below 10 Ω.
d t 3|Tomasz+Lars|16|-15|roof|Mount rails on house 2|Gravel roof: ballasted, no drilling. Sweep \
first, protective mat under every foot.
d b 4|Tomasz|3|-14|roof|Replace four clamps that arrived bent|Photographed and reported to the \
supplier on arrival.
d t 3|Tomasz+Lars|18|-11|roof|Mount modules on house 2|
d t 3|Lars|12|-9|electrical|Pull DC cables and mount the inverter in house 2|
d t 4|Tomasz|4|-8|electrical,safety|Measure and sign off house 2|
d t 3|Tomasz+Lars|16|-6|roof|Mount rails on house 3|
r t 3|Aisha|4|-1|paperwork|Prepare the tenants' power contract|Waiting for the cooperative's \
lawyer to read paragraph 4, notice periods.
p t 4|Tomasz+Lars|18|0|roof|Mount modules on house 3|32 modules; the east half is up. Rain is \
forecast for tomorrow from noon.
x t 5|Aisha|4|-3|grid,paperwork|Get the grid operator's answer|They want the reactive power curve \
of the 20 kW units. Without an answer nothing may feed in.
p t 3|Mei|6|2|design|Draw the meter cabinet for house 4|
t t 3|Lars|12|3|electrical|Pull DC cables and mount the inverter in house 3|
t t 4|Tomasz|4|5|electrical,safety|Measure and sign off house 3|
t t 3|Tomasz+Lars|18|9|roof|Mount rails on house 4|Optimisers are clipped to the rail before the \
module goes on; they are in the blue boxes.
t t 3|Tomasz+Lars|20|12|roof|Mount modules on house 4|
t t 3|Lars|14|14|electrical|Wire optimisers and inverter in house 4|
t t 3|Aisha|2|6|tenants|Second letter to the tenants of houses 4 to 6|
t t 2|Mateus|2|10|purchasing|Return the spare rails|Eleven pieces of 4.4 m, unopened.
t t 4|Tomasz|6|16|roof,safety|Move the scaffolding to house 6|
t t 3|Tomasz+Lars|34|21|roof|Mount rails and modules on houses 5 and 6|
t t 3|Lars|22|25|electrical|Wire houses 5 and 6|
t t 4|Tomasz|8|28|electrical,safety|Measure and sign off houses 4 to 6|
b t 3|Priya|6|30|monitoring|Connect all six inverters to the portal|Needs the device list with \
serial numbers from Lars.
b t 3|Aisha|5|32|paperwork|Register every unit with the market register|
b t 2|Aisha+Sofia|4|34|tenants|Hand over, with cake, in the courtyard|
"""

KITA = """
d t 4|Kwame|8|-70|design|Calculate the heat load room by room|Day nursery with 62 children: \
group rooms 22 °C, bathrooms 24 °C, corridor 18 °C.
d t 3|Kwame|6|-66|design|Choose the pump and its place|Two cascaded 12 kW units behind the bin \
shed; 35 dB(A) at the neighbour's window is the limit.
d t 3|Aisha|3|-64|paperwork|Agree on dates with the nursery|Noise only after 16:00 and in the \
autumn holidays.
d t 4|Fatima|6|-62|paperwork|Apply for the federal heating subsidy|
d t 3|Mateus|2|-58|purchasing|Order pumps, buffer tank and fresh water station|
d t 3|Rafael|10|-50|heating|Take out the oil boiler|Tank cleaned and certified by Nordtank.
d t 3|Rafael|6|-48|heating|Break up and dispose of the oil tank|
d t 3|Rafael+Lars|14|-44|heating,site|Pour the foundation for the outdoor units|
d b 4|Rafael|5|-41|heating,site|Lower the drain by 20 cm|The condensate line would have frozen in \
winter.
d t 3|Rafael|16|-36|heating|Mount the outdoor units and the refrigerant lines|
d t 3|Lars|10|-33|electrical|Lay the supply line and the control cable|
d t 3|Rafael|18|-28|heating|Set the buffer tank and the fresh water station|
d t 4|Rafael|20|-22|heating|Replace 14 radiators on the north side|Low temperature needs more \
surface: type 33 in the group rooms.
d t 3|Lars|8|-19|electrical|Wire the cascade controller|
d t 4|Kwame+Rafael|8|-15|heating|Fill, bleed and pressure-test the system|3 bar for two hours, \
no drop.
d t 4|Kwame|6|-12|heating|Start up both pumps|
d b 5|Kwame|7|-8|heating|Find out why pump 2 trips at night|High-pressure fault between three and \
four. The bypass valve was set for a single unit.
r t 4|Rafael|12|-5|heating|Balance all 38 radiators|Flow per radiator from the heat load table; \
write the setting on the valve with the paint pen.
p b 4|Kwame|6|-2|heating|Bathroom stays below 24 °C in the morning|Runs two degrees short until \
half past eight. Try the night set-back at 20 °C first.
p t 3|Aisha|4|-1|paperwork|Collect the papers for the final invoice|Acceptance record and the \
balancing protocol are missing.
x t 4|Lars|5|-4|electrical|Put the lightning protection back in place|Waits for the roofer, who \
has to seal the penetration first.
t t 3|Rafael|3|1|heating|Insulate the last pipes in the cellar|
t t 3|Kwame|3|4|training|Show the caretaker how to run it|An hour on site, and the one-page sheet \
in large print.
t t 2|Fatima|3|7|paperwork|Send proof of use to the subsidy office|
t t 3|Aisha|2|8|paperwork|Invite the nursery to the acceptance|
t i 2|Hannah|4|14|monitoring|Show the pump's coefficient of performance in the portal|
b t 2|Mateus|2|21||Look back at the project with the team|Budget went over with the drain and the \
extra radiators: what should the offer have said?
c t 2|Mei|6|-40|design|Plan solar panels on the nursery's roof|The roof is renewed in two years; \
the city wants to wait.
"""

PORTAL = """
d e 3|Yuki|13|-88|platform|Customers see their own system|The first promise of the portal: my \
roof, my pump, today.
d s 4|Priya|8|-84|platform|Sign in with an e-mail link|
d s 3|Daniel|5|-80|dashboard|Today's yield as one big number|
d s 3|Daniel|5|-77|dashboard|Yield of the last thirty days as bars|
d t 3|Priya|5|-74|platform|Store inverter readings in five-minute steps|Partition by month; three \
years must fit on the small server.
d s 3|Priya|8|-70|devices|Read data from the 20 kW inverters|Modbus over TCP, registers 40069 to \
40120. Scale factors differ between firmware 2 and 3.
d b 4|Priya|3|-67|devices|Readings arrive twice after a restart|
d s 3|Daniel|5|-63|dashboard|Compare with the same month last year|
d s 3|Daniel+Hannah|3|-60|access|Read every chart with a screen reader|Each chart gets a table \
behind it; Hannah tests with two customers.
d t 2|Hannah|3|-56|quality|Test on the phones our customers have|List from the sign-in statistics, \
oldest is seven years.
d s 3|Priya|8|-52|devices|Read data from the heat pumps|
d b 5|Priya|2|-49|platform|Sign-in link works a second time|A forwarded mail let the neighbour in. \
Links must be used up.
d s 3|Daniel|5|-45|dashboard|Show what the heat pump costs today|
d k 3|Daniel|3|-41|dashboard|Find a chart library that prints well|
d s 4|Priya|5|-38|alerts|Tell the customer when a system is silent|After six hours of daylight \
without a reading, not at night.
d b 3|Daniel|2|-35|dashboard|Bars jump when the clocks change|Hour 2 exists twice in October.
d s 3|Daniel|3|-32|dashboard|Choose between kilowatt hours and euros|
d t 3|Priya|5|-28|platform|Back up readings every night|
d s 2|Hannah|3|-25|support|Let customers send us a photo of the display|
d b 4|Priya|3|-22|devices|Pump readings freeze at midnight|The gateway renews its address and the \
old connection is never closed.
d s 3|Daniel|5|-19|dashboard|Share of own use as a ring|
d s 3|Priya|8|-15|alerts|Fault codes in plain words|240 codes from three makers; Kwame has checked \
the list.
d b 2|Daniel|1|-13|dashboard|Legend covers the last bar on small phones|
d t 3|Hannah|2|-10|quality|Run all checks before each release|
d s 4|Daniel|5|-7|access|Large type and high contrast|
d b 4|Priya|3|-5|platform|Export of a year takes four minutes|Read by day from the summary table: \
two seconds now.
s s 3|Daniel|5|1|dashboard|Yield forecast for tomorrow|From the weather service's irradiance; say \
how sure it is.
s b 3|Priya|2|1|alerts|Silent-system mail is sent on foggy days|
r s 4|Priya|8|2|devices|Read the energy meter at the grid connection|
r b 3|Daniel|1|2|access|Focus is lost after closing the menu|
p s 4|Priya+Daniel|8|4|tenants|Split one roof's yield among tenants|Nordhof needs it when house 6 \
feeds in. Quarter hours, by contract share.
p s 3|Daniel|5|5|dashboard|A year on one printable page|
p t 3|Hannah|3|3|quality|Write the test plan for tenants' power|
x b 4|Priya|3|-2|devices|Firmware 3.2 reports negative power|Waits for the maker's answer; ticket \
number is in the note.
t s 4|Priya|5|8|tenants|Monthly statement for each tenant|
t s 3|Daniel|3|9|alerts|Quiet hours for notices|
t b 3|Daniel|2|9|dashboard|Wrong week begins on Sunday for Danish customers|
t s 3|Yuki|2|11|tenants|Explain tenants' power in three sentences|
t s 3|Priya|5|15|platform|Let an installer see the systems he looks after|Tomasz wants it on his \
phone, on a ladder.
t t 2|Hannah|3|12|support|Answer template for the ten commonest questions|
t i 3|Priya|3|18|platform|Halve the memory of the reader|
b s 3||8||devices|Read data from battery inverters|
b s 2||5||dashboard|What a day without sun looks like|
b s 2||3||support|Ask for a rating after each visit|
b k 2||3||platform|Can readings be signed at the device?|
b s 3||13||tenants|Change of tenant in the middle of a month|
b s 1||2||access|Portal in Danish|
c s 2|Daniel|8|-30|dashboard|Weather widget on the front page|Customers said they look out of the \
window.
"""

CARPORT = """
d t 3|Sofia|4|-12|offer|Visit the bakery at four in the morning|Ovens from two to seven, 38 kW \
peak. That is what the battery is for.
d t 3|Mei|8|-6|offer|Simulate yield and own use for a year|
r t 4|Sofia+Mei|6|0|offer|Write the offer with and without the battery|Herr Lindner decides after \
Christmas trade, not before.
p t 3|Kwame|5|3|design|Check the carport's foundations|
t t 3|Sofia|3|2|offer|Talk the offer through with the Lindner family|
t t 3|Aisha|4|10|paperwork|Ask the building office about the carport|Up to 50 m² needs no permit, \
this one has 74.
t t 3|Fatima|3|12|paperwork|Find out which subsidy fits the battery|
t t 3|Mei|12|20|design|Draw the carport with 46 glass-glass modules|
b t 3|Mateus|3|28|purchasing|Ask two makers for prices of carport frames|
b t 3|Lars|6|35|electrical|Measure the bakery's load for a week|
b t 3|Aisha|3|40||Plan the dates with the bakery's summer break|
b t 2|Daniel|5|45|monitoring|Show the battery in the portal|
"""

DEPOT = """
d t 4|Ingrid+Sofia|8|-186|paperwork|Win the public tender of the city works|
d t 3|Mei|20|-175|design|Design 120 kWp on the tram depot|
d t 4|Kwame|8|-170|design|Have the roof's load confirmed|
d t 3|Aisha|5|-165|paperwork|Agree on working hours with the depot|Line 3 leaves at 04:20; the \
crane may stand on track 7 only from nine to three.
d t 3|Mateus|4|-158|purchasing|Order 292 modules and two 50 kW inverters|
d t 5|Tomasz|8|-150|safety|Safety briefing for work beside overhead lines|Everybody who goes on \
the roof, signed, every Monday.
d t 3|Tomasz+Lars|40|-140|roof|Mount rails on the north hall|
d t 3|Tomasz+Lars|44|-128|roof|Mount modules on the north hall|
d t 3|Tomasz+Lars|40|-116|roof|Mount rails on the south hall|
d b 4|Tomasz|6|-112|roof|Seal two leaking roof lights before mounting|
d t 3|Tomasz+Lars|44|-102|roof|Mount modules on the south hall|
d t 3|Lars|24|-92|electrical|Pull DC cables through both halls|
d t 3|Lars+Tomasz|16|-84|electrical|Mount the inverters in the switch room|
d t 4|Lars|10|-78|electrical,grid|Fit the grid protection relay|
d t 4|Tomasz|8|-72|electrical,safety|Measure all strings|
d t 4|Aisha|5|-66|grid,paperwork|Meet the grid operator for acceptance|
d b 4|Lars|4|-62|electrical|Swap the polarity of string 14|
d t 3|Priya|6|-58|monitoring|Connect the depot to the portal|
d t 3|Mei|6|-52|paperwork|Draw the as-built plans|
d t 3|Kwame|4|-48|training|Train the depot's two electricians|
d t 3|Aisha|4|-41|paperwork|Hand over to the city works|
c t 2|Mateus|3|-120|purchasing|Rent a second crane|The first one was free after all.
"""

# project code, name | settings: prefix, unit | status, priority, risk | start, end, begun, ended
# | budget, cost, hours | billing, method | owner, manager | members by role | colour, icon
PROJECTS = (
    (
        (
            "NOR|Nordhof housing estate: solar on six roofs|NOR hours|active high medium"
            "|-58 34 -54 .|186000 121400 520|fixed_price waterfall|Mateus Aisha"
            "|member Tomasz Lars Mei Kwame Fatima Sofia Priya,viewer Ingrid|#D97706 sun"
        ),
        (
            "84 kWp on the six houses of the Nordhof cooperative, with tenants' power from the "
            "first day. House by house, so that never more than one scaffolding stands in the "
            "courtyard."
        ),
        NORDHOF,
    ),
    (
        (
            "KITA|Regenbogen day nursery: heat pump retrofit|KITA hours|active highest high"
            "|-75 -4 -70 .|94500 101250 230|fixed_price waterfall|Mateus Aisha"
            "|member Kwame Rafael Lars Fatima Mei Hannah,viewer Ingrid|#DC2626 flame"
        ),
        (
            "Oil out, two heat pumps in, before the children come back from the holidays and with "
            "a warm bathroom on every one of those mornings."
        ),
        KITA,
    ),
    (
        (
            "PORT|Customer portal|PORT points|active medium low"
            "|-95 85 -92 .|240000 118600 1450|. scrum|Ingrid Yuki"
            "|member Priya Daniel Hannah,viewer Kwame Sofia Tomasz|#3B82F6 device-desktop"
        ),
        (
            "What every customer sees of us after the van has left: the yield of their roof, the "
            "heat of their pump, and a plain word when something is wrong."
        ),
        PORTAL,
    ),
    (
        (
            "BAKE|Lindner bakery: solar carport and battery|BAKE hours|planning medium low"
            "|12 110 . .|72000 1850 160|time_and_materials kanban|Mateus Aisha"
            "|member Sofia Mei Kwame Fatima Lars Daniel|#7C3AED building-store"
        ),
        (
            "A carport with 20 kWp over the delivery vans, and a battery that is full when the "
            "ovens start at two."
        ),
        CARPORT,
    ),
    (
        (
            "DEPOT|City works: 120 kWp on the tram depot|DEPOT hours|completed medium low"
            "|-190 -44 -186 -41|164000 158900 360|milestone_based waterfall|Mateus Aisha"
            "|member Tomasz Lars Mei Kwame Priya Sofia,viewer Ingrid|#0F766E bolt"
        ),
        "Both halls of the tram depot, built while the trams kept running.",
        DEPOT,
    ),
)

STEPS = {
    "Mount modules on house 3": (
        "!East half up",
        "!Clamps at 8 Nm, marked with paint",
        "West half up",
        "Photo of every row for the file",
    ),
    "Measure and sign off house 3": (
        "Insulation resistance of each string",
        "Open-circuit voltage of each string",
        "Earth resistance",
        "Sign and photograph the sheet",
    ),
    "Balance all 38 radiators": (
        "!Ground floor",
        "!Upper floor",
        "!Gym",
        "Write the settings into the protocol",
    ),
    "Collect the papers for the final invoice": (
        "!Delivery notes",
        "!Hours of the subcontractors",
        "Acceptance record",
        "Balancing protocol",
    ),
    "Split one roof's yield among tenants": (
        "!Contract shares with a start and an end day",
        "!Quarter-hour split in the nightly run",
        "Rounding: the cents must add up",
        "Tenant's page",
        "Check against the sample bill",
    ),
    "A year on one printable page": ("!Layout on paper", "Print styles", "Try on three printers"),
    "Write the test plan for tenants' power": ("!Cases from the contract", "Cases from the law"),
    "Get the grid operator's answer": (
        "!Call on Monday",
        "!Send the reactive power curve",
        "Call again",
    ),
    "Write the offer with and without the battery": ("!Two price sheets", "One page of summary"),
    "Show the caretaker how to run it": ("Print the sheet", "Agree on a time", "Fill in the log"),
}

WAITS = {
    "Get the grid operator's answer": "The grid operator answers by Friday at the latest, they say",
    "Put the lightning protection back in place": "The roofer comes on Thursday",
    "Firmware 3.2 reports negative power": "The maker's support has the trace and no answer yet",
}

# What the person who set the workspace up helps with, so that their first page has something on it.
SHARED = (
    "Get the grid operator's answer",
    "Prepare the tenants' power contract",
    "Second letter to the tenants of houses 4 to 6",
    "Collect the papers for the final invoice",
    "Talk the offer through with the Lindner family",
    "Explain tenants' power in three sentences",
    "Look back at the project with the team",
)

# What waits for what: earlier task | later task | days between the two.
LINKS = """
Mount modules on house 3|Pull DC cables and mount the inverter in house 3|1
Pull DC cables and mount the inverter in house 3|Measure and sign off house 3|0
Measure and sign off house 3|Mount rails on house 4|1
Draw the meter cabinet for house 4|Wire optimisers and inverter in house 4|0
Mount rails on house 4|Mount modules on house 4|0
Mount modules on house 4|Wire optimisers and inverter in house 4|0
Move the scaffolding to house 6|Mount rails and modules on houses 5 and 6|0
Wire optimisers and inverter in house 4|Move the scaffolding to house 6|0
Mount rails and modules on houses 5 and 6|Wire houses 5 and 6|0
Wire houses 5 and 6|Measure and sign off houses 4 to 6|0
Measure and sign off houses 4 to 6|Connect all six inverters to the portal|0
Connect all six inverters to the portal|Register every unit with the market register|0
Balance all 38 radiators|Collect the papers for the final invoice|0
Show the caretaker how to run it|Invite the nursery to the acceptance|2
Insulate the last pipes in the cellar|Show the caretaker how to run it|0
Read the energy meter at the grid connection|Split one roof's yield among tenants|0
Write the test plan for tenants' power|Monthly statement for each tenant|0
Split one roof's yield among tenants|Monthly statement for each tenant|1
Monthly statement for each tenant|Explain tenants' power in three sentences|0
Write the offer with and without the battery|Talk the offer through with the Lindner family|1
Talk the offer through with the Lindner family|Ask the building office about the carport|0
Check the carport's foundations|Draw the carport with 46 glass-glass modules|0
"""

COLORS = ("#D97706", "#0F766E", "#3B82F6", "#7C3AED", "#DC2626", "#15803D", "#6B7280", "#B45309")
