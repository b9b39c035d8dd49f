"""What the shop stocks for the home, the kitchen, the larder and the workshop.

The notation is explained in `service.demo.vocabulary`.
"""

from __future__ import annotations

from typing import Final

KITCHEN: Final = """
[Cookware] Copperpot+, Bramwell (Everyday), Hearthside, Plainly-
Frying Pan | 18-89 | Non-Stick / Stainless Steel / Ceramic-Coated | 20 cm / 24 cm / 28 cm
Saucepan | 19-79 | Stainless Steel / Non-Stick | 16 cm / 18 cm / 20 cm
Cast Iron Casserole | 59-219 | Round / Oval / Shallow | 3 L / 4.5 L / 6 L | Gifts
Wok | 22-69 | Carbon Steel / Non-Stick | 28 cm / 32 cm
Stockpot | 35-99 | Stainless Steel | 6 L / 8 L / 10 L
Griddle Pan | 25-79 | Cast Iron / Non-Stick | Square / Round
Roasting Tin | 15-45 | Enamel / Heavy-Gauge Steel | Small / Medium / Large

[Bakeware] Bramwell, Marlow Lane+, Hearthside, Plainly-
Loaf Tin | 7-19 | Non-Stick / Steel | 1 lb / 2 lb
Springform Cake Tin | 9-25 | Non-Stick / Leakproof | 20 cm / 23 cm / 26 cm
Muffin Tray | 9-22 | Non-Stick / Silicone | 6 Cup / 12 Cup
Baking Sheet | 8-22 | Non-Stick / Perforated | 35 cm / 40 cm
Mixing Bowl | 8-39 | Stoneware / Stainless Steel / Glass | 1.5 L / 2.5 L / 4 L
Rolling Pin | 8-25 | Beech / Marble / French Tapered
Proofing Basket | 12-25 | Round Rattan / Oval Rattan | 500 g / 1 kg
Cookie Cutters | 5-15 | Star / Alphabet / Woodland Animal / Snowflake | Set of 5 / Set of 12

[Knives & Boards] Corvane+, Bramwell, Hearthside
Chef's Knife | 25-129 | Forged / Damascus Steel / Stainless Steel | 15 cm / 20 cm | Gifts
Paring Knife | 8-39 | Forged / Serrated / Stainless Steel
Bread Knife | 18-79 | Forged / Olive Wood Handle | 20 cm / 25 cm
Knife Sharpener | 12-59 | Two-Stage / Whetstone / Compact
Chopping Board | 12-69 | Acacia / Bamboo / End-Grain Oak / Recycled Plastic | Small / Medium / Large

[Coffee Makers] Ristello+ (Uno, Banco), Kettlewell, Northroast, Plainly-
Espresso Machine | 99-599 | Compact / Bean-to-Cup / Dual-Boiler | Black / Cream / Brushed Steel
Coffee Grinder | 29-189 | Hand / Electric Burr | Black / Steel / Walnut | Gifts
Cafetière | 15-59 | Glass / Double-Walled Steel / Stoneware | 3 Cup / 8 Cup
Pour-Over Dripper | 9-39 | Ceramic / Glass / Stainless Steel | 2 Cup / 4 Cup
Moka Pot | 15-49 | Aluminium / Induction Steel | 3 Cup / 6 Cup
Milk Frother | 10-69 | Handheld / Electric / Induction | Black / White
Coffee Filters | 3-12 | Unbleached Paper / White Paper / Reusable Steel | Size 2 / Size 4
Coffee Scale | 19-99 | Compact / Rechargeable | Black / White

[Kettles & Teaware] Kettlewell, Marlow Lane+, Willowbrook
Electric Kettle | 25-99 | Fast-Boil / Variable-Temperature / Gooseneck | Black / Cream / Sage
Teapot | 18-59 | Stoneware / Cast Iron / Glass | 600 ml / 1 L | Gifts
Tea Infuser | 4-15 | Basket / Mesh Ball / Silicone | - | Gifts
Tea Caddy | 9-25 | Bamboo / Enamel / Embossed Tin

[Kitchen Appliances] Kettlewell, Voltane+ (Chef), Plainly-
Air Fryer | 59-229 | Compact / Dual-Drawer / Digital | 3.5 L / 5.5 L / 8 L
Toaster | 22-99 | 2-Slice / 4-Slice / Long-Slot | Black / Cream / Brushed Steel
Stand Mixer | 129-449 | Tilt-Head / Compact | Cream / Red / Graphite | Gifts
Hand Blender | 22-99 | Cordless / 3-in-1 / Turbo | Black / White
Slow Cooker | 29-89 | Digital / Sear-and-Stew | 3.5 L / 6.5 L
Rice Cooker | 25-119 | Mini / Digital | 1 L / 1.8 L

[Tableware] Marlow Lane+ (Dune, Harbour), Willowbrook, Hearthside, Plainly-
Dinner Plates | 22-89 | Stoneware / Porcelain / Speckled | Set of 4 / Set of 6
Pasta Bowls | 20-79 | Stoneware / Porcelain | Set of 4 / Set of 6
Mug | 6-22 | Stoneware / Enamel / Hand-Thrown | Oat / Sea Green / Slate / Terracotta | Gifts
Cutlery Set | 25-149 | Stainless Steel / Matte Black / Brushed Gold | 16 Piece / 24 Piece
Serving Platter | 15-59 | Stoneware / Acacia / Slate | Medium / Large
Linen Napkins | 15-45 | Washed / Hemstitched | Natural, Set of 4 / Olive, Set of 4 / Rust, Set of 4
Tablecloth | 19-79 | Cotton / Washed Linen / Wipe-Clean | 140 x 180 cm / 140 x 240 cm

[Glassware & Bar] Vessel & Vine+, Willowbrook, Plainly-
Wine Glasses | 18-79 | Stemless / Crystal / Everyday | Set of 2 / Set of 4 / Set of 6 | Gifts
Tumblers | 12-49 | Ribbed / Recycled Glass / Hiball | Set of 4 / Set of 6
Cocktail Shaker | 15-59 | Boston / Cobbler / Copper-Plated | - | Gifts
Carafe | 12-39 | Ribbed Glass / Recycled Glass / Slim Glass | 500 ml / 1 L
Corkscrew | 8-45 | Waiter's / Lever / Electric | - | Gifts

[Food Storage] Kiln & Clover, Plainly-, Tallis+
Glass Food Containers | 14-49 | Leakproof / Oven-Safe | Set of 3 / Set of 5
Lunch Box | 9-39 | Bento / Stainless Steel / Insulated | Blue / Sage / Coral | Back to School, Kids
Water Bottle | 10-39 | Insulated / Stainless Steel / Recycled Plastic / Flip-Straw
 | 500 ml / 750 ml / 1 L | Outdoor, Back to School
Travel Mug | 14-35 | Insulated / Leakproof / Ceramic-Lined | Black / Sand / Forest Green | Travel
Beeswax Wraps | 8-22 | Organic / Vegan | Pack of 3 / Pack of 6 | Eco-Friendly
Storage Jar | 5-25 | Clip-Top / Bamboo-Lid / Stoneware | 500 ml / 1 L / 2 L

[Kitchen Textiles] Willowbrook, Marlow Lane+, Oddment
Tea Towels | 9-25 | Cotton / Linen / Organic | Herb Garden, Set of 2 / Striped, Set of 3
Apron | 14-45 | Linen / Waxed Cotton / Kids' Cotton | Navy / Olive / Striped | Gifts
Oven Gloves | 9-29 | Quilted / Silicone / Double | Navy / Natural
"""

FOOD: Final = """
[Coffee] Northroast, Lantern Hill+, Ristello+, Larder & Loaf-
Whole Bean Coffee | 7-32 | Ethiopian / Colombian / House Blend / Dark Roast / Decaf
 | 250 g / 500 g / 1 kg | Gifts
Ground Coffee | 5-16 | Italian-Style / Guatemalan / Breakfast Blend / Decaf | 227 g / 454 g
Coffee Capsules | 5-32 | Compostable Lungo / Compostable Espresso / Compostable Decaf
 | Pack of 20 / Pack of 50 / Pack of 100
Cold Brew Concentrate | 7-15 | Classic / Vanilla / Unsweetened | 500 ml / 1 L | Vegan

[Tea] Lantern Hill+, Steam & Ladle, Larder & Loaf-
Loose Leaf Tea | 6-24 | Earl Grey / Assam / Jasmine Green / Rooibos / Darjeeling | 100 g / 250 g
Tea Bags | 3-12 | Breakfast / Peppermint / Chamomile / Lemon Ginger / Decaf
 | Box of 20 / Box of 50 / Box of 80
Hot Chocolate | 5-16 | Dark / Salted Caramel / Single-Origin | 250 g / 500 g | Gifts
Matcha Powder | 12-35 | Ceremonial / Everyday | 30 g / 100 g | Vegan

[Chocolate & Sweets] Petit Corbin+, Larder & Loaf-, Sugar Quay
Chocolate Bar | 2-7 | 70% Dark / Milk / Sea Salt Caramel / Vegan Hazelnut / Orange Dark | 90 g
 / 180 g
Chocolate Truffles | 8-35 | Champagne / Sea Salt / Assorted / Vegan | Box of 9 / Box of 16 | Gifts
Fudge | 5-15 | Clotted Cream / Salted Caramel / Ginger | 150 g / 300 g | Gifts
Liquorice | 3-9 | Soft / Salted / Raspberry | 150 g / 250 g
Chocolate Advent Calendar | 8-39 | Milk / Dark / Vegan | - | Christmas, Gifts

[Oils, Spices & Sauces] Olivar Real+, Ember & Clove, Larder & Loaf-
Extra Virgin Olive Oil | 7-35 | Single-Estate / Organic / Everyday | 250 ml / 500 ml / 1 L | Vegan
Balsamic Vinegar | 6-29 | Aged / White | 250 ml / 500 ml
Spice Blend | 3-8 | Garam Masala / Smoky Barbecue / Ras el Hanout / Jerk / Za'atar | 45 g / 100 g
Hot Sauce | 4-12 | Habanero / Smoked Chipotle / Green Jalapeño | 150 ml / 250 ml
Sea Salt Flakes | 3-9 | Smoked / Classic / Rosemary | 125 g / 250 g

[Snacks & Cereal] Larder & Loaf-, Barley Mow, Kernel & Co
Nut Mix | 4-14 | Salted Almond / Smoked Cashew / Honey Pecan | 150 g / 300 g
Granola | 4-11 | Maple & Pecan / Organic Honey Oat / Cocoa / Low-Sugar Berry | 350 g / 600 g
Energy Bars | 6-24 | Cocoa / Peanut / Apricot | Box of 6 / Box of 12 | Outdoor, Vegan
Oat Crackers | 2-6 | Seeded / Rosemary / Black Pepper | 150 g / 200 g

[Honey & Preserves] Hollin Bee, Larder & Loaf-
Honey | 5-19 | Wildflower / Heather / Acacia / Raw Organic | 227 g / 340 g / 500 g | Gifts
Fruit Jam | 3-7 | Strawberry / Damson / Apricot / Blackcurrant | 227 g / 340 g

[Hampers] by Larder & Loaf-
Food Hamper | 35-129 | The Breakfast Hamper / The Cheese Lover's Hamper / The Coffee Break Hamper
 / The Vegan Larder Hamper / The Christmas Eve Hamper | Standard / Large | Gifts | x10
"""

HOME: Final = """
[Bedding] Loomworth+, Willowbrook, Plainly-
Duvet Cover Set | 25-139 | Washed Cotton / Linen / Brushed Cotton / Organic Cotton
 | White, Double / Sage, King / Navy, Double / Blush, King | - | x14
Fitted Sheet | 12-59 | Percale / Jersey / Linen | Single / Double / King | - | x9
Pillowcases | 9-45 | Percale / Silk / Linen | White, Pair / Sage, Pair / Charcoal, Pair
Duvet | 29-189 | All-Season / Goose Down / Recycled-Fill | 4.5 Tog, Double / 10.5 Tog, Double
Pillow | 12-79 | Memory Foam / Goose Down / Side Sleeper | Medium / Firm
Mattress Protector | 14-49 | Waterproof / Quilted | Single / Double / King

[Bathroom] Loomworth+, Willowbrook, Plainly-
Bath Towel | 8-39 | Egyptian Cotton / Organic Cotton / Waffle | White / Sage / Slate / Clay
Bath Mat | 9-35 | Tufted / Waffle / Bamboo | White / Sage / Slate
Shower Curtain | 12-39 | Cotton / Recycled Polyester | White / Fern Print / Striped
Soap Dispenser | 8-25 | Ceramic / Amber Glass / Terrazzo

[Cushions & Throws] Loomworth+, Marlow Lane+, Oddment
Cushion Cover | 9-39 | Velvet / Linen / Bouclé / Embroidered | Ochre / Forest / Rust / Ivory
Throw | 25-99 | Lambswool / Chunky-Knit / Recycled Cotton / Faux-Fur | Grey / Oatmeal / Teal | Gifts
Floor Cushion | 29-79 | Corduroy / Woven | Ochre / Slate

[Lighting] Lumo+, Glowmere, Oddment, Plainly-
Table Lamp | 25-129 | Ceramic / Brass / Mushroom / Rechargeable | Cream / Sage / Terracotta
Floor Lamp | 49-199 | Arc / Tripod / Reading | Black / Brass / Oak
Clip-On Reading Light | 9-29 | Rechargeable / Dimmable / Mini | Warm White / Daylight
 | Travel, Gifts
Pendant Shade | 22-99 | Rattan / Opal Glass / Pleated Linen | 30 cm / 40 cm / 50 cm
LED Light Bulb | 4-19 | Filament Globe / Dimmable Candle / Daylight | E27 / E14 / Pack of 3
String Lights | 10-35 | Solar / Copper Wire / Festoon | 5 m / 10 m / 20 m | Christmas, Outdoor
Kids' Night Light | 12-35 | Moon / Sleepy Bear / Mushroom / Rechargeable Cloud | -
 | Kids, Gifts, Nursery

[Candles & Home Fragrance] Wander & Glow, Saltmarsh+, Plainly-
Scented Candle | 9-45 | Fig & Cedar / Sea Salt / Black Pomegranate / Linen / Winter Spice
 | Small / Large / Three-Wick | Gifts | x15
Reed Diffuser | 12-39 | White Tea / Fig & Cedar / Sea Salt | 100 ml / 200 ml | Gifts
Dinner Candles | 6-19 | Tapered / Beeswax / Twisted | Set of 4 / Set of 8
Incense Sticks | 4-12 | Sandalwood / Palo Santo / Lavender | Pack of 20 / Pack of 50

[Rugs & Mats] Loomworth+, Oddment, Plainly-
Area Rug | 49-349 | Berber / Jute / Wool Kilim / Washable | 120 x 170 cm / 160 x 230 cm | - | x10
Doormat | 12-35 | Coir / Recycled Rubber / Striped Coir | Small / Large
Hallway Runner | 35-129 | Jute / Washable / Wool | 60 x 180 cm / 70 x 240 cm

[Storage & Organisation] Tallis+, Oddment, Plainly-
Storage Basket | 9-39 | Seagrass / Cotton Rope / Felt | Small / Medium / Large
Shoe Rack | 22-89 | Bamboo / Stackable Steel | 2-Tier / 3-Tier
Laundry Basket | 19-59 | Bamboo / Wicker / Collapsible | Natural / Grey
Wall Hooks | 8-35 | Oak / Brass / Cast Iron | Set of 2 / Set of 4
Drawer Organiser | 7-29 | Bamboo / Expandable | Small / Large

[Wall Art & Mirrors] Oddment, Blue Heron+, Plainly-
Art Print | 12-59 | Botanical / Coastal / Abstract / City Map / Mid-Century | A4 / A3 / 50 x 70 cm
 | Gifts
Picture Frame | 7-35 | Oak / Black Wood / Brass | A4 / A3 / 50 x 70 cm
Wall Mirror | 29-149 | Round / Arched / Rattan | 50 cm / 70 cm / 90 cm
Wall Clock | 15-69 | Silent Oak / Station / Retro Kitchen | 25 cm / 30 cm | Gifts

[Furniture] Tallis+, Aldermoor, Plainly-
Side Table | 35-149 | Oak / Metal Tray / Nesting | Black / Natural
Bookcase | 59-249 | Ladder / Low / Tall Oak | White / Natural
Desk | 89-399 | Folding / Standing / Compact Oak | White / Walnut | - | x7
Office Chair | 79-349 | Ergonomic / Mesh / Swivel | Black / Grey / Sage
Bar Stool | 45-149 | Oak / Rattan / Adjustable | Black / Natural

[Christmas Decorations] Yule & Pine, Oddment, Plainly-
Christmas Baubles | 8-35 | Glass / Velvet / Shatterproof / Paper | Set of 6 / Set of 12 | Christmas
Artificial Christmas Tree | 49-249 | Pre-Lit / Snowy Fir / Slim | 4 ft / 6 ft / 7 ft | Christmas
Christmas Wreath | 19-59 | Eucalyptus / Pinecone / Pre-Lit | 40 cm / 50 cm | Christmas
Christmas Stocking | 9-35 | Knitted / Velvet / Personalised Linen | Red / Forest / Ivory
 | Christmas, Gifts
Christmas Crackers | 9-35 | Recycled Paper / Luxury / Fill-Your-Own | Box of 6 / Box of 8
 | Christmas

[Cleaning & Laundry] Brightwell, Kiln & Clover, Plainly-
Laundry Detergent | 6-24 | Fragrance-Free / Fresh Linen / Refill Pouch | 1 L / 2 L / 5 L
Washing-Up Liquid | 2-14 | Lemon / Lavender / Refill Pouch | 500 ml / 1 L / 5 L | Vegan
All-Purpose Cleaner | 3-12 | Citrus / Eucalyptus / Refill Pouch | 500 ml / 1 L | Vegan
Cleaning Cloths | 4-15 | Bamboo / Microfibre / Cellulose | Pack of 3 / Pack of 6
Wool Dryer Balls | 8-18 | Felted / Organic | Set of 3 / Set of 6 | Eco-Friendly
"""

WORKSHOP: Final = """
[Hand Tools] Hexley+, Ironbridge, Plainly-
Claw Hammer | 9-39 | Fibreglass / Hickory / Steel | 12 oz / 16 oz / 20 oz
Screwdriver Set | 12-59 | Precision / Insulated / Magnetic | 6 Piece / 12 Piece / 32 Piece | Gifts
Adjustable Spanner | 9-35 | Soft-Grip / Slim-Jaw | 6 in / 8 in / 10 in
Tape Measure | 5-22 | Magnetic / Pocket / Auto-Lock | 3 m / 5 m / 8 m
Spirit Level | 9-45 | Box / Torpedo | 23 cm / 60 cm / 100 cm
Hand Saw | 9-35 | Hardpoint / Japanese Pull / Folding | 40 cm / 50 cm

[Power Tools] Hexley+ (Torq), Ironbridge (Duo)
Cordless Drill | 49-229 | Compact / Brushless / Combi | 12 V / 18 V
Jigsaw | 45-179 | Corded / Cordless
Orbital Sander | 35-139 | Corded / Cordless
Drill Bit Set | 9-45 | HSS / Masonry / Wood / Mixed | 10 Piece / 19 Piece / 40 Piece
Sandpaper Sheets | 4-12 | Fine / Medium / Coarse | Pack of 10 / Pack of 25

[Paint & Decorating] Limewash & Co+, Brightwell, Plainly-
Wall Paint | 14-69 | Chalky White / Sage Mist / Deep Navy / Warm Clay / Soft Linen
 | 1 L / 2.5 L / 5 L | - | x15
Paint Brushes | 6-29 | Synthetic / Angled / Natural Bristle | Set of 3 / Set of 5
Paint Roller Set | 7-25 | Microfibre / Mini / Extendable | 4 in / 9 in
Masking Tape | 3-12 | Low-Tack / Multi-Surface | 25 mm / 38 mm / 50 mm
Wallpaper | 19-79 | Botanical / Grasscloth / Peel-and-Stick / Striped | Sage / Blush / Ink

[Workshop Storage] Ironbridge, Plainly-
Tool Box | 15-79 | Steel / Cantilever / Stackable | Small / Large | - | x7
Screw Assortment | 6-25 | Wood / Drywall / Stainless | 150 Piece / 400 Piece | - | x6
"""
