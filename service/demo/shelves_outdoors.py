"""What the shop stocks for gardens, trails and sport.

The notation is explained in `service.demo.vocabulary`.
"""

from __future__ import annotations

from typing import Final

GARDEN: Final = """
[Seeds & Bulbs] Hollin Nursery, Greenlea, Plainly-
Vegetable Seeds | 2-6 | Cherry Tomato / Rainbow Chard / Courgette / Runner Bean / Sugar Snap Pea
 | Packet / Organic Packet | - | x14
Herb Seeds | 2-5 | Basil / Coriander / Flat-Leaf Parsley / Chive | Packet / Organic Packet
Flower Seeds | 2-6 | Sweet Pea / Cornflower / Sunflower / Nasturtium / Wildflower Meadow
 | Packet / Bumper Packet
Spring Bulbs | 4-19 | Tulip / Daffodil / Crocus / Allium | Pack of 10 / Pack of 25 / Pack of 50
Seed-Growing Kit | 9-29 | Windowsill Herb / Chilli / Kids' Sunflower / Salad | - | Gifts, Kids

[House Plants] by Hollin Nursery
House Plant | 9-59 | Monstera Deliciosa / Snake Plant / Peace Lily / String of Pearls / Rubber Plant
 / Spider Plant / Aloe Vera / Boston Fern | 12 cm Pot / 17 cm Pot / 21 cm Pot | Gifts | x16

[Pots & Planters] Greenlea, Oddment, Terra Nove+
Plant Pot | 6-59 | Terracotta / Glazed / Recycled Plastic / Fibreclay | 12 cm / 20 cm / 30 cm
Hanging Planter | 9-35 | Macramé / Ceramic / Wicker | Small / Large
Window Box | 14-49 | Galvanised / Rattan-Effect / Wooden | 50 cm / 80 cm
Raised Bed | 39-149 | Larch / Galvanised / Recycled Plastic | 100 x 60 cm / 180 x 90 cm
Peat-Free Compost | 5-19 | Multi-Purpose / Seed / Tomato / House Plant | 10 L / 25 L / 50 L
 | Eco-Friendly
Plant Food | 4-16 | Tomato / Orchid / Organic Seaweed | 500 ml / 1 L

[Garden Tools] Sorrel & Sons+, Ironbridge, Greenlea
Hand Trowel | 6-29 | Ash-Handled / Stainless Steel / Kids' | - | Gifts
Secateurs | 9-49 | Bypass / Anvil / Ratchet
Digging Spade | 19-69 | Stainless Steel / Ash-Handled / Border
Gardening Gloves | 5-29 | Leather / Bamboo / Thorn-Proof / Kids' | Small / Medium / Large
Lawn Mower | 79-399 | Cordless / Push Reel / Electric | 32 cm / 38 cm | - | x5
Kneeling Pad | 6-25 | Memory Foam / Waxed Canvas | Green / Navy

[Watering] Greenlea, Sorrel & Sons+, Plainly-
Watering Can | 9-45 | Galvanised / Indoor / Recycled Plastic | 1.5 L / 5 L / 9 L
Garden Hose | 19-79 | Expandable / Kink-Resistant | 15 m / 25 m / 30 m
Hose Nozzle | 6-25 | Brass / 8-Pattern
Water Butt | 45-149 | Slimline / Wall-Mounted | 100 L / 200 L | Eco-Friendly | x4

[Garden Furniture] Aldermoor, Tallis+, Plainly-
Bistro Set | 69-299 | Folding / Cast Aluminium / Acacia | Sage / Black
Garden Bench | 89-349 | Acacia / Steel / Curved | 2-Seater / 3-Seater
Deck Chair | 35-99 | Striped / Beech | Navy / Green / Natural
Garden Parasol | 39-179 | Tilting / Cantilever / Fringed | 2 m / 2.7 m / 3 m
Hammock | 29-119 | Cotton / Quick-Dry / Brazilian | Single / Double | Gifts
Fire Pit | 49-249 | Corten Steel / Cast Iron / Smokeless | Small / Large

[Barbecue] Emberly+, Hearthside, Plainly-
Charcoal Barbecue | 39-299 | Kettle / Portable / Barrel | 37 cm / 47 cm / 57 cm
Gas Barbecue | 129-599 | 2-Burner / 3-Burner / Portable | Black / Steel | - | x6
Pizza Oven | 119-499 | Wood-Fired / Gas / Multi-Fuel | 12 in / 16 in | Gifts | x6
Barbecue Tongs | 7-29 | Long / Locking / Beech-Handled
Lumpwood Charcoal | 6-25 | Sustainable / Restaurant-Grade | 4 kg / 10 kg
Meat Thermometer | 9-69 | Instant-Read / Wireless / Probe | - | Gifts

[Wild Birds] Hollin Nursery, Greenlea
Bird Feeder | 8-45 | Squirrel-Proof / Window / Seed / Peanut | Small / Large | Gifts
Bird Seed Mix | 4-29 | No-Mess / High-Energy / Robin | 1 kg / 4 kg / 12 kg
Nest Box | 12-35 | Robin / Blue Tit / Woodcrete | - | Gifts
"""

OUTDOOR: Final = """
[Tents & Shelters] Fernhill (Ridge, Vale), Tarnbeck+, Plainly-
Two-Person Tent | 49-399 | Lightweight / Pop-Up / Backpacking | Moss / Orange | Outdoor
Family Tent | 129-599 | Tunnel / Inflatable / Blackout | 4-Person / 6-Person | Outdoor
Tarp | 19-99 | Ultralight / Hex / Camping | 3 x 3 m / 4 x 4 m | Outdoor
Tent Pegs | 4-22 | Aluminium / Rock / Glow-in-the-Dark | Pack of 6 / Pack of 12 | Outdoor
Beach Shelter | 22-79 | Pop-Up / UV50 | Blue / Coral | Outdoor, Travel, Kids

[Sleeping Gear] Fernhill (Vale), Tarnbeck+, Plainly-
Sleeping Bag | 25-249 | 2-Season / 3-Season / Down / Kids' | Regular / Long | Outdoor
Camping Mat | 15-149 | Self-Inflating / Foam / Insulated Air | 3 cm / 5 cm / 10 cm | Outdoor
Camping Pillow | 8-39 | Inflatable / Compressible | Moss / Blue | Outdoor, Travel
Sleeping Bag Liner | 12-69 | Cotton / Silk / Thermal | - | Outdoor, Travel

[Camp Kitchen] Tarnbeck+, Embercamp, Plainly-
Camping Stove | 19-119 | Single-Burner / Double-Burner / Ultralight | - | Outdoor
Camping Cook Set | 19-89 | Aluminium / Titanium / Non-Stick | 2-Person / 4-Person | Outdoor
Cool Box | 22-199 | Rigid / Soft / Electric | 12 L / 24 L / 32 L | Outdoor
Spork | 3-15 | Titanium / Bamboo / Recycled Plastic | - / Set of 4 | Outdoor, Eco-Friendly
Vacuum Flask | 15-49 | Stainless Steel / Wide-Neck | 500 ml / 750 ml / 1 L | Outdoor, Travel, Hiking
Camping Chair | 19-109 | Folding / Lightweight / Low | Moss / Charcoal | Outdoor
Freeze-Dried Meal | 5-11 | Chilli & Rice / Vegan Curry / Pasta Bolognese / Porridge | - / Pack of 6
 | Outdoor

[Backpacks & Luggage] Fernhill (Ridge), Wayfold, Tarnbeck+, Plainly-
Hiking Backpack | 35-229 | Lightweight / Women's / Men's / Ventilated | 25 L / 45 L / 65 L | Outdoor
Daypack | 19-99 | Packable / Roll-Top / Recycled | 15 L / 20 L / 25 L | Outdoor, Travel, Hiking
Cabin Suitcase | 49-249 | Hard-Shell / Four-Wheel / Soft | Navy / Sage / Black | Travel
Packing Cubes | 12-45 | Compression / Recycled / Mesh | Set of 3 / Set of 6 | Travel, Gifts
Dry Bag | 8-39 | Roll-Top / Ultralight | 5 L / 10 L / 20 L | Outdoor
Travel Pillow | 9-39 | Memory Foam / Inflatable / Hooded | Grey / Navy | Travel, Gifts
Toiletry Bag | 12-45 | Hanging / Waxed Canvas / Clear | Black / Olive
 | Travel, Gifts, Bags & Wallets

[Torches & Lanterns] Lumo+, Fernhill, Plainly-
Head Torch | 12-89 | Rechargeable / Running / Kids' | 200 lm / 400 lm / 900 lm | Outdoor
Camping Lantern | 12-69 | Rechargeable / Solar / Retro | Green / Cream | Outdoor
Pocket Torch | 6-45 | LED / Waterproof / Keyring | - | Outdoor, Gifts

[Hiking] Fernhill, Skerry, Tarnbeck+
Hiking Boots | 59-229 | Women's Waterproof / Men's Waterproof / Women's Leather / Men's Leather
 | Brown / Slate | Outdoor | x12
Trekking Poles | 19-129 | Carbon / Folding / Anti-Shock | Pair | Outdoor
Merino Hiking Socks | 9-29 | Women's / Men's / Cushioned | 1 Pair / 2 Pairs
 | Outdoor, Socks & Underwear
Waterproof Jacket | 39-279 | Women's Packable / Men's Packable / Women's Trail / Men's Trail
 / Kids' | Moss / Navy / Ochre | Outdoor, Jackets & Coats | x14
Gaiters | 19-59 | Waterproof / Trail | Black / Moss | Outdoor
First Aid Kit | 9-49 | Compact / Waterproof / Family | - | Outdoor, Travel
Insect Repellent | 5-14 | Deet-Free / Kids' / Long-Lasting | 60 ml / 100 ml | Outdoor, Travel

[Optics] Halide & Co+
Binoculars | 49-299 | Compact / Waterproof / Birdwatching | 8x25 / 8x42 / 10x42 | Outdoor, Gifts
 | x6
Telescope | 99-399 | Tabletop / Refractor | 70 mm / 90 mm | Gifts | x4
Field Compass | 12-45 | Baseplate / Mirror | - | Outdoor | x2
"""

SPORT: Final = """
[Running] Stridewell (Beat, Fell), Skerry, Plainly-
Running Shoes | 39-169 | Women's Road / Men's Road / Women's Trail / Men's Trail
 | White / Black / Coral | - | x16
Running Socks | 6-19 | Cushioned / Anti-Blister / Low-Cut | 1 Pair / 3 Pairs
Running Belt | 9-35 | Slim / Hydration | Black / Grey
Running Jacket | 29-129 | Women's Windproof / Men's Windproof / Reflective | Black / Yellow
 | Jackets & Coats
Running Shorts | 15-49 | Women's 2-in-1 / Men's 2-in-1 / Women's Split / Men's Split | Black / Navy
Energy Gels | 8-32 | Citrus / Berry / Caffeinated Cola | Box of 6 / Box of 12 | Vegan

[Yoga & Pilates] Asanaya+, Plainly-, Stridewell
Yoga Mat | 12-89 | Natural Rubber / Cork / Extra-Thick / Travel | Sage / Plum / Ink | - | x10
Yoga Block | 5-22 | Cork / Foam | Single / Set of 2
Yoga Strap | 5-15 | Cotton / Organic Cotton | Natural / Plum
Leggings | 19-79 | Women's High-Waist / Women's 7/8 / Recycled | Black / Forest / Plum | Running
Meditation Cushion | 25-65 | Buckwheat / Crescent | Indigo / Stone | Gifts
Foam Roller | 9-39 | Grid / Smooth / Vibrating | 33 cm / 45 cm

[Strength Training] Ironbark, Stridewell, Plainly-
Dumbbells | 12-129 | Neoprene / Hex / Adjustable | 2 kg Pair / 5 kg Pair / 10 kg Pair
Kettlebell | 15-89 | Cast Iron / Vinyl-Coated | 6 kg / 10 kg / 16 kg
Resistance Bands | 7-35 | Fabric / Latex / Tube | Set of 3 / Set of 5 | Travel
Skipping Rope | 6-25 | Speed / Weighted / Kids'
Pull-Up Bar | 19-69 | Doorway / Wall-Mounted
Protein Powder | 14-55 | Vanilla Whey / Chocolate Whey / Vegan Vanilla / Vegan Cocoa | 500 g / 1 kg
 / 2 kg

[Cycling] Spindle & Co, Tarmacadam+, Plainly-
Bike Helmet | 19-129 | Road / Commuter / Kids' / Aero | Matte Black / White / Teal | - | x9
Bike Lights | 10-69 | USB Rechargeable / Daylight / Compact | Front / Front and Rear
Bike Lock | 14-89 | Heavy-Duty / Folding / Chain
Cycling Jersey | 22-89 | Women's Short-Sleeve / Men's Short-Sleeve / Women's Thermal / Men's Thermal
 | Navy / Orange
Bike Pump | 9-59 | Mini / Track / Digital
Inner Tube | 4-9 | Road / Mountain Bike / Hybrid | Single / Pack of 2
Pannier Bag | 25-119 | Waterproof / Roll-Top | Single / Pair | Travel
Chain Oil | 5-14 | Wet / Dry / Ceramic | 50 ml / 100 ml

[Swimming] Skerry, Finfolk, Plainly-
Swimming Goggles | 7-39 | Mirrored / Open-Water / Kids' | Blue / Smoke
Swimsuit | 18-79 | Women's Racerback / Girls' / Women's Tummy-Control | Black / Navy / Botanical
Swim Shorts | 14-49 | Men's / Boys' / Men's Recycled | Navy / Coral / Palm Print
Quick-Dry Towel | 9-35 | Microfibre / Recycled | Medium / Large | Travel
Swim Cap | 4-15 | Silicone / Long-Hair | Black / Blue
Changing Robe | 39-149 | Fleece-Lined / Towelling / Kids' | Navy / Black | Outdoor

[Racket Sports] Volleyard, Skerry
Tennis Racket | 29-189 | Graphite / Junior / Lightweight | Grip 2 / Grip 3
Tennis Balls | 5-22 | All-Court / Practice | Can of 3 / Can of 4
Badminton Set | 19-69 | Garden / Club | 2-Player / 4-Player | Outdoor
Table Tennis Bat | 9-59 | Control / Allround / Attack

[Winter Sports] Skerry, Tarnbeck+
Ski Goggles | 29-149 | Photochromic / Mirrored / Kids' | Black / White
Ski Gloves | 22-99 | Women's Insulated / Men's Insulated / Kids' | Black / Navy
Thermal Base Layer | 22-89 | Women's Merino / Men's Merino / Kids' | Black / Navy | Outdoor
Sledge | 15-69 | Wooden / Inflatable / Plastic | - | Kids, Outdoor | x5

[Climbing] Tarnbeck+, Skerry
Climbing Shoes | 59-139 | Beginner / Aggressive / Kids' | - | Outdoor | x4
Climbing Harness | 45-99 | Women's / Men's / Kids' | - | Outdoor | x4
Chalk Bag | 9-25 | Fleece-Lined / Bouldering | - | Outdoor | x4
"""
