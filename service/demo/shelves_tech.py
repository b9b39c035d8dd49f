"""What the shop stocks in electronics and music.

The notation is explained in `service.demo.vocabulary`.
"""

from __future__ import annotations

from typing import Final

ELECTRONICS: Final = """
[Headphones] Lumo+ (Aria, Pulse), Northbeat (Drift), Ossia+ (Cadence), Plainly-
Over-Ear Headphones | 39-249 | Wireless / Noise-Cancelling / Studio / Foldable
 | Black / Sand / Midnight Blue / Black, Refurbished | Travel, Gifts | x16
Earbuds | 25-149 | True Wireless / Noise-Cancelling / Sport
 | Black / White / Sage / White, 2nd Generation | Travel | x16
Wired Earphones | 9-35 | In-Ear / USB-C | Black / White
Kids' Headphones | 19-45 | Volume-Limited / Foldable / Wireless | Blue / Coral / Mint | Kids, Travel
Headphone Case | 9-25 | Hard-Shell / Felt / Compact | Black / Grey | Travel

[Speakers & Radios] Lumo+ (Aria), Northbeat, Ossia+, Plainly-
Bluetooth Speaker | 22-149 | Portable / Waterproof / Mini | Black / Teal / Terracotta
 | Outdoor, Gifts | x12
Bookshelf Speakers | 89-349 | Powered / Compact | Walnut / Black Ash / White
Soundbar | 79-299 | Compact / Slim / Subwoofer | Black / Graphite
DAB Radio | 35-129 | Portable / Bedside / Retro | Cream / Walnut / Slate | Gifts
Record Player | 79-329 | Portable / Belt-Drive / Bluetooth | Walnut / Teal / Black | Gifts
Smart Speaker | 39-179 | Mini / Portable | Charcoal / Chalk / Chalk, 2nd Generation | Smart Home

[Chargers & Cables] Voltline, Nimbro, Plainly-
USB-C Cable | 6-22 | Braided / Right-Angle / Fast-Charge | 1 m / 2 m / 3 m | Travel
Wall Charger | 12-49 | 20 W / 45 W / 65 W | Black / White | Travel
Power Bank | 19-79 | Slim / Magnetic / Rugged | 5,000 mAh / 10,000 mAh / 20,000 mAh
 | Travel, Outdoor
Wireless Charging Stand | 19-69 | Foldable / 3-in-1 / Bedside | Black / White | Gifts
Travel Adapter | 9-39 | Worldwide / UK to EU / UK to USA | - / Twin Pack | Travel
Rechargeable Batteries | 8-29 | AA / AAA | Pack of 4 / Pack of 8 / Pack of 12 | Eco-Friendly

[Smart Home] Homely (Sense), Nimbro, Lumo+
Smart Plug | 10-39 | Mini / Energy-Monitoring / Outdoor | Single / Twin Pack
Smart Light Bulb | 9-45 | Colour / Warm White / Candle | E27 / E14 / Starter Pack | Lighting
Video Doorbell | 49-179 | Wired / Battery | - / 2nd Generation / Refurbished
Security Camera | 29-149 | Indoor / Outdoor / Pan-and-Tilt | Single / Twin Pack
Smart Thermostat | 79-199 | Wireless / Learning | White / Black
Motion Sensor | 12-39 | Indoor / Outdoor

[Wearables] Stridewell (Beat, Fell), Nimbro, Lumo+ (Orbit)
Fitness Tracker | 29-129 | Slim / Waterproof / Kids' | Black / Lilac / Black, 2nd Generation
 | Running
Smartwatch | 69-349 | GPS / Hybrid / AMOLED | Black / Silver / Silver, Refurbished | - | x10
Watch Strap | 9-39 | Silicone / Leather / Woven Nylon / Steel Mesh | 20 mm / 22 mm

[Computer Accessories] Nimbro (Type, Glide), Tessel+, Plainly-
Wireless Mouse | 12-79 | Silent / Ergonomic / Compact | Graphite / White / Rose
Mechanical Keyboard | 39-179 | Wireless / Compact / Full-Size | Graphite / White
 / Black, Refurbished
Laptop Stand | 15-69 | Aluminium / Foldable / Walnut | Silver / Black
USB-C Hub | 19-89 | 4-Port / 7-Port / 9-Port | Grey / Silver
Laptop Sleeve | 14-49 | Felt / Recycled / Water-Resistant | 13 in / 14 in / 16 in
 | Travel, Bags & Wallets
Webcam | 25-119 | HD / 4K / Privacy-Shutter | Black / White
Mouse Mat | 6-35 | Cork / Extra-Large / Wrist-Rest | Black / Natural
Monitor Light Bar | 29-99 | Dimmable / Wireless-Remote

[Phone Accessories] Tessel+, Voltline, Plainly-
Phone Case | 9-45 | Clear / Silicone / Leather / Rugged / Recycled | Black / Sage / Lilac | - | x12
Screen Protector | 6-22 | Tempered Glass / Privacy | Single / Pack of 2
Car Phone Mount | 9-35 | Magnetic / Dashboard / Air Vent | - | Travel
Phone Tripod | 12-39 | Flexible / Bluetooth-Remote | Black / White | Travel

[Photography] Halide & Co+, Ossia+, Nimbro
Instant Camera | 59-149 | Mini / Retro / Wide | Mint / Black / Cream | Gifts
Instant Film | 9-35 | Mini / Wide / Monochrome | 10 Shots / 20 Shots / 40 Shots
Camera Bag | 29-129 | Canvas Sling / Compact / Padded Shoulder | Olive / Black | Travel
Tripod | 25-149 | Travel / Carbon Fibre / Mini | - | Travel, Outdoor
Memory Card | 8-59 | SD / microSD | 64 GB / 128 GB / 256 GB
Photo Album | 12-45 | Linen / Slip-In / Leather-Look | Small / Large | Gifts

[Gaming] Kobold, Tessel+, Plainly-
Game Controller | 22-79 | Wireless / Wired / Retro | Black / Red / Clear
Gaming Headset | 25-149 | Wireless / Wired / Surround | Black / White | Headphones
Gaming Mouse | 19-89 | Lightweight / Wireless | Black / White | Computer Accessories
Gaming Keyboard | 29-159 | Mechanical / Low-Profile | Black / White | Computer Accessories

[E-Readers] Quillon+
E-Reader | 89-259 | Paper-Light / Waterproof | 6 in / 7 in / 6 in, Refurbished | Travel, Gifts | x5
E-Reader Case | 15-39 | Fabric / Magnetic / Standing | Navy / Sage / Plum | Travel | x6
"""

MUSIC: Final = """
[Guitars & Ukuleles] Larkspur+, Tonehill, Plainly-
Acoustic Guitar | 79-399 | Dreadnought / Parlour / Three-Quarter | Natural / Sunburst
Electric Guitar | 119-499 | Single-Cut / Double-Cut | Black / Sunburst / Sea Green
Ukulele | 25-119 | Soprano / Concert / Tenor | Mahogany / Koa / Sky Blue | Gifts
Guitar Strings | 5-19 | Phosphor Bronze / Nickel / Nylon | Light / Medium
Guitar Capo | 6-22 | Spring / Rolling | Black / Rosewood
Clip-On Tuner | 7-22 | Chromatic / Rechargeable
Guitar Stand | 9-39 | Folding / Wall-Mounted / Wooden

[Keyboards & Percussion] Tonehill, Ossia+, Plainly-
Digital Piano | 149-599 | 61-Key / 88-Key / Folding | Black / White | - | x6
Cajon | 49-149 | Birch / Travel | - | - | x4
Kalimba | 15-45 | 17-Key / Mini | Mahogany / Acacia | Gifts | x4

[Vinyl Care] by Ossia+
Record Care | 9-39 | Ossia Carbon Fibre Record Brush / Ossia Record Cleaning Solution
 / Ossia Anti-Static Record Sleeves / Ossia Walnut Record Stand / Ossia Felt Slipmat
 / Ossia Stylus Cleaner / Ossia Record Outer Sleeves / Ossia Vinyl Storage Crate | - | - | x8
"""
