"""What the shop's customers do: interests, what goes with what, what runs out, what comes up.

Every name is a kind of product, a category, a department or a cross-cutting category.
"""

from __future__ import annotations

from typing import Final


def _table(text: str) -> dict[str, tuple[str, ...]]:
    """Lines of "name: name; name" as a mapping."""
    rows = (line.split(": ", 1) for line in text.strip().replace("\n ", " ").splitlines())
    return {name: tuple(part.strip() for part in parts.split(";")) for name, parts in rows}


PERSONAS: Final = _table("""
Home barista: Coffee Makers; Coffee; Kettles & Teaware; Tableware
Tea drinker: Tea; Kettles & Teaware; Hampers; Honey & Preserves; Fiction; Snacks & Cereal
Keen cook: Cookware; Oils, Spices & Sauces; Knives & Boards; Cookbooks; Kitchen Appliances
Home baker: Bakeware; Kitchen Textiles; Kitchen Appliances; Chocolate & Sweets; Cookbooks
Host: Glassware & Bar; Hampers; Tableware; Chocolate & Sweets; Kitchen Textiles
Camper: Tents & Shelters; Sleeping Gear; Camp Kitchen; Torches & Lanterns; Backpacks & Luggage
Hill walker: Hiking; Backpacks & Luggage; Travel & Nature Writing; Optics; Camp Kitchen; Climbing
Traveller: Backpacks & Luggage; Chargers & Cables; Travel & Nature Writing; Sunglasses; Sun Care
Runner: Running; Wearables; Strength Training; Socks & Underwear; Headphones
Yogi: Yoga & Pilates; Candles & Home Fragrance; Tea; Skincare; Vegan
Cyclist: Cycling; Wearables; Snacks & Cereal; Running
Lifter: Strength Training; Running; Headphones; Snacks & Cereal
Swimmer: Swimming; Sun Care; Bath & Body; Sunglasses
Winter sports fan: Winter Sports; Hats, Gloves & Scarves; Hiking; Jackets & Coats
Tennis player: Racket Sports; Running; Strength Training
Gardener: Seeds & Bulbs; Garden Tools; Pots & Planters; Watering; Wild Birds; Home & Hobby Books
Balcony grower: House Plants; Pots & Planters; Seeds & Bulbs; Watering; Garden Furniture
Griller: Barbecue; Garden Furniture; Oils, Spices & Sauces; Camp Kitchen
New parent: Nappies & Changing; Baby Feeding; Nursery; Baby Clothing; Prams & Carriers; Kids
Parent of toddlers: Wooden Toys; Soft Toys; Children's Books; Outdoor Play; Kids
Parent of schoolchildren: School Bags; Building Sets; Science Kits; Children's Books; Craft Kits
 ; Outdoor Play; Pens & Pencils; Kids
Board gamer: Board Games; Jigsaw Puzzles; Science Fiction & Fantasy; Snacks & Cereal
Video gamer: Gaming; Computer Accessories; Headphones; Furniture
Reader: Fiction; Crime & Thrillers; E-Readers; Tea; Cookbooks
Fantasy fan: Science Fiction & Fantasy; Board Games; Gaming; Fiction
Artist: Art Supplies; Pens & Pencils; Notebooks & Planners; Craft Kits; Wall Art & Mirrors
Stationery lover: Notebooks & Planners; Pens & Pencils; Desk Accessories; Cards & Gift Wrap
Student: Computer Accessories; Notebooks & Planners; School Bags; Chargers & Cables; Coffee
Home worker: Computer Accessories; Desk Accessories; Furniture; Coffee; Lighting
Gadget lover: Smart Home; Wearables; Speakers & Radios; Phone Accessories; Chargers & Cables
Listener: Headphones; Speakers & Radios; Vinyl Care
Musician: Guitars & Ukuleles; Keyboards & Percussion; Headphones; Speakers & Radios
Photographer: Photography; Optics; Backpacks & Luggage; Wall Art & Mirrors
Home maker: Cushions & Throws; Candles & Home Fragrance; Rugs & Mats; Lighting; Wall Art & Mirrors
 ; Christmas Decorations
Nest builder: Bedding; Bathroom; Storage & Organisation; Furniture; Cleaning & Laundry
Handyperson: Hand Tools; Power Tools; Paint & Decorating; Workshop Storage
Decorator: Paint & Decorating; Lighting; Furniture; Rugs & Mats; Storage & Organisation
Dresser: Tops & Shirts; Trousers & Jeans; Knitwear; Jackets & Coats; Shoes
Summer dresser: Dresses & Skirts; Sunglasses; Jewellery; Bags & Wallets; Shoes
Jeweller's friend: Jewellery; Watches; Bags & Wallets; Cards & Gift Wrap
Groomer: Shaving & Beards; Hair Care; Skincare; Watches
Beauty lover: Skincare; Make-Up; Hair Care; Bath & Body
Clean liver: Eco-Friendly; Cleaning & Laundry; Oral Care; Food Storage; Vegan; Bath & Body
Dog owner: Dogs; Hiking
Cat owner: Cats; House Plants
Small pet keeper: Small Animals; Aquariums; Kids
""")
"""Who the customers are: each interest, the strongest first."""

COMPLEMENTS: Final = _table("""
Two-Person Tent: Sleeping Bag; Camping Mat; Tent Pegs; Camping Stove
Family Tent: Camping Chair; Camping Mat; Camping Lantern; Cool Box
Sleeping Bag: Camping Mat; Camping Pillow; Sleeping Bag Liner
Camping Stove: Camping Cook Set; Freeze-Dried Meal; Spork
Hiking Boots: Merino Hiking Socks; Trekking Poles; Gaiters
Hiking Backpack: Dry Bag; First Aid Kit; Head Torch; Vacuum Flask
Waterproof Jacket: Hiking Boots; Daypack
Cabin Suitcase: Packing Cubes; Travel Pillow; Toiletry Bag; Travel Adapter
Climbing Shoes: Chalk Bag; Climbing Harness
Binoculars: Nature Book; Bird Feeder
Espresso Machine: Whole Bean Coffee; Coffee Grinder; Milk Frother; Mug
Coffee Grinder: Whole Bean Coffee; Coffee Scale; Pour-Over Dripper
Pour-Over Dripper: Coffee Filters; Electric Kettle; Ground Coffee
Cafetière: Ground Coffee; Mug
Moka Pot: Ground Coffee
Whole Bean Coffee: Coffee Filters; Mug; Chocolate Bar
Ground Coffee: Coffee Filters; Granola
Teapot: Loose Leaf Tea; Tea Infuser; Tea Caddy
Loose Leaf Tea: Tea Infuser; Honey
Electric Kettle: Toaster; Tea Bags
Stand Mixer: Mixing Bowl; Springform Cake Tin; Cookie Cutters
Loaf Tin: Proofing Basket; Cookbook
Springform Cake Tin: Baking Sheet; Rolling Pin
Frying Pan: Saucepan; Chopping Board
Chef's Knife: Knife Sharpener; Chopping Board; Paring Knife
Wok: Hot Sauce; Spice Blend
Dinner Plates: Pasta Bowls; Cutlery Set; Linen Napkins
Wine Glasses: Corkscrew; Carafe
Cocktail Shaker: Tumblers
Lunch Box: Water Bottle; Glass Food Containers
Duvet: Duvet Cover Set; Pillow; Mattress Protector
Duvet Cover Set: Fitted Sheet; Pillowcases; Throw
Bath Towel: Bath Mat; Soap Dispenser
Cushion Cover: Throw; Scented Candle
Scented Candle: Reed Diffuser
Table Lamp: LED Light Bulb; Side Table
Pendant Shade: LED Light Bulb
Desk: Office Chair; Desk Lamp; Desk Organiser
Art Print: Picture Frame; Wall Hooks
Artificial Christmas Tree: Christmas Baubles; String Lights; Christmas Stocking
Christmas Baubles: Christmas Wreath; Christmas Crackers
Wall Paint: Paint Brushes; Paint Roller Set; Masking Tape
Cordless Drill: Drill Bit Set; Screw Assortment; Spirit Level
Orbital Sander: Sandpaper Sheets
Claw Hammer: Tape Measure; Tool Box
Vegetable Seeds: Peat-Free Compost; Plant Pot; Hand Trowel
Herb Seeds: Window Box; Peat-Free Compost
Flower Seeds: Watering Can; Gardening Gloves
Raised Bed: Peat-Free Compost; Vegetable Seeds
House Plant: Plant Pot; Plant Food; Hanging Planter
Secateurs: Gardening Gloves; Kneeling Pad
Garden Hose: Hose Nozzle
Bird Feeder: Bird Seed Mix; Nest Box
Bistro Set: Garden Parasol
Charcoal Barbecue: Lumpwood Charcoal; Barbecue Tongs; Meat Thermometer
Gas Barbecue: Barbecue Tongs; Meat Thermometer
Running Shoes: Running Socks; Running Shorts; Running Belt
Running Belt: Energy Gels
Yoga Mat: Yoga Block; Leggings; Yoga Strap
Dumbbells: Kettlebell; Resistance Bands; Protein Powder
Bike Helmet: Bike Lights; Bike Lock
Inner Tube: Bike Pump; Chain Oil
Swimsuit: Swimming Goggles; Swim Cap; Quick-Dry Towel
Swim Shorts: Swimming Goggles; Quick-Dry Towel
Tennis Racket: Tennis Balls
Ski Goggles: Ski Gloves; Thermal Base Layer
Over-Ear Headphones: Headphone Case
Record Player: Record Care; Bookshelf Speakers
Smart Speaker: Smart Light Bulb; Smart Plug
Video Doorbell: Security Camera; Motion Sensor
Smartwatch: Watch Strap; Wireless Charging Stand
Wireless Mouse: Mouse Mat; Mechanical Keyboard
Laptop Stand: USB-C Hub; Mechanical Keyboard; Webcam
Phone Case: Screen Protector; Wireless Charging Stand
Wall Charger: USB-C Cable
Power Bank: USB-C Cable
Instant Camera: Instant Film; Photo Album
Game Controller: Gaming Headset; Rechargeable Batteries
Gaming Mouse: Gaming Keyboard; Mouse Mat
E-Reader: E-Reader Case; Clip-On Reading Light
Acoustic Guitar: Guitar Strings; Guitar Capo; Clip-On Tuner
Electric Guitar: Guitar Strings; Guitar Stand
Ukulele: Clip-On Tuner
Jeans: T-Shirt; Jumper
Chinos: Oxford Shirt; Polo Shirt
Midi Dress: Earrings; Crossbody Bag; Sandals
Wool Coat: Scarf; Knitted Gloves
Puffer Jacket: Beanie; Knitted Gloves
School Shoes: School Trousers; Cotton Socks
Pyjamas: Slippers
Necklace: Earrings; Jewellery Box
Face Cleanser: Moisturiser; Face Serum; Face Pads
Face Serum: Moisturiser; Eye Cream
Shampoo: Conditioner; Hair Mask
Lipstick: Mascara; Foundation
Foundation: Make-Up Brush Set
Safety Razor: Razor Blades; Shaving Cream
Electric Toothbrush: Brush Heads; Toothpaste
Bamboo Toothbrush: Toothpaste; Dental Floss
Sun Cream: After Sun Lotion; Sun Hat; Polarised Sunglasses
Nappies: Baby Wipes; Nappy Cream
Baby Bottle: Bibs; Muslin Cloths
High Chair: Weaning Bowl; Bibs; Sippy Cup
Pushchair: Nappy Bag; Pramsuit
Baby Sleeping Bag: Cot Sheets; Baby Monitor
Bodysuits: Sleepsuit; Baby Booties
Wooden Train Set: Stacking Blocks
Play Kitchen: Wooden Play Food
Balance Bike: Bike Helmet
Novel: Novel; Clip-On Reading Light
Crime Novel: Crime Novel; Tea Bags
Fantasy Novel: Fantasy Novel; Science Fiction Novel
Chapter Book: Chapter Book
Picture Book: Soft Toy; Picture Book
Strategy Board Game: Strategy Board Game; Card Game
Notebook: Fountain Pen; Gel Pens; Sticky Notes
Fountain Pen: Bottled Ink; Notebook
School Backpack: Pencil Case; Lunch Box; Geometry Set
Pencil Case: Colouring Pencils; Highlighters
Acrylic Paint Set: Artist Brushes; Stretched Canvas; Tabletop Easel
Watercolour Set: Sketchbook; Artist Brushes
Birthday Card: Wrapping Paper; Gift Ribbon
Wrapping Paper: Gift Ribbon
Dog Collar: Dog Lead
Dog Harness: Dog Lead; Poo Bags
Dry Dog Food: Dog Treats; Poo Bags
Dog Bed: Dog Toy
Dry Cat Food: Wet Cat Food; Cat Litter
Scratching Post: Cat Toy; Cat Bed
Rabbit Hutch: Rabbit Hay; Small Animal Bedding
Aquarium: Aquarium Filter; Fish Food
""")
"""What is bought with or after a kind of product, the likeliest first."""

REFILL_DAYS: Final = {
    "Whole Bean Coffee": 28, "Ground Coffee": 28, "Coffee Capsules": 35, "Coffee Filters": 70,
    "Loose Leaf Tea": 50, "Tea Bags": 45, "Granola": 25, "Energy Bars": 30, "Energy Gels": 40,
    "Protein Powder": 40, "Extra Virgin Olive Oil": 55, "Chocolate Bar": 30, "Honey": 70,
    "Laundry Detergent": 50, "Washing-Up Liquid": 50, "All-Purpose Cleaner": 60,
    "Moisturiser": 70, "Face Cleanser": 70, "Face Serum": 75, "Shampoo": 60, "Conditioner": 60,
    "Body Wash": 50, "Hand Soap": 60, "Razor Blades": 70, "Toothpaste": 50, "Brush Heads": 90,
    "Nappies": 18, "Baby Wipes": 20, "Nappy Cream": 60, "Dry Dog Food": 32, "Dog Treats": 25,
    "Poo Bags": 45, "Dry Cat Food": 30, "Wet Cat Food": 24, "Cat Litter": 24, "Rabbit Hay": 30,
    "Small Animal Bedding": 30, "Fish Food": 60, "Instant Film": 60, "Bird Seed Mix": 40,
    "Inner Tube": 120, "Guitar Strings": 90, "Scented Candle": 75,
}  # fmt: skip
"""Kinds that run out, and after how many days."""

TRENDS: Final = {
    "Air Fryer": (0.5, 2.5), "Matcha Powder": (0.3, 3.0), "Pizza Oven": (0.4, 2.0),
    "Changing Robe": (0.5, 2.0), "Shampoo Bar": (0.5, 2.2), "Smart Plug": (0.6, 1.8),
    "Kalimba": (2.0, 0.4), "Smart Speaker": (2.0, 0.6),
    "Fitness Tracker": (1.8, 0.6), "Wired Earphones": (1.6, 0.5), "DAB Radio": (1.5, 0.6),
}  # fmt: skip
"""Kinds whose following grew or shrank: the factor at the beginning and at the end."""
