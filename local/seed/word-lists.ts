/** A list written as text, its entries parted by bars, so that a long one takes few lines. */
function words(text: string): readonly string[] {
  return text.split('|').map((word) => word.trim());
}

/** Invented syllables and words; whatever they make when put together names nobody and no real firm. */
export const firstNames = words(`
  Alvo|Benka|Corrin|Delsa|Eivo|Fennika|Garrel|Hanneke-Lu|Ilvar|Jorune|Kestra|Lumi|Maréne|Nilo|Orsa|Pelle|Quinna|
  Renzo|Søra|Tavi|Ulvine|Vesna|Wendrel|Xanti|Yorre|Zoë|Ælfa|Łukka|Þora|Émeri
`);

export const middleNames = ['', '', '', '', 'A.', 'Jo', 'van', 'de la', 'M.', 'Ó'];

export const lastNames = words(`
  Ardenholt|Brackwell|O'Dramm|Castelmoor|Dunvarre|Ellingrove|Farrowby|Grünfelt|Haskentine|Ingvorsen|Jessamond|
  Kállinen|Lorrimade|Mørkvand|Nettlefold|Ostravick|Perrindale|Quillmarsh|Rothenacker|Šumavec|Tannerfeldt|Umberley|
  Vasconde|Wexcombe|Yarlund|Zieglhofer|Çınarlı|Ñandero|St. Hollin|Ap Rhewyn
`);

export const companyColours = words(`
  Amber|Azure|Birch|Bright|Cedar|Clear|Copper|Coral|Crimson|Elder|Evergreen|Fern|Flint|Golden|Granite|Grüne|
  Harbour|Hazel|Indigo|Ivory|Juniper|Linden|Maple|Meadow|Nordlicht|Oaken|Pine|Quartz|Rowan|Sable|Silver|Tidal|
  Umber|Willow|北星|Étoile
`);

export const companyTrades = words(`
  Bakery Supplies|Bicycle Works|Building Materials|Cabinet Makers|Coffee Roasters|Cold Storage|
  Dental Laboratories|Electrical Wholesale|Farm Machinery|Fasteners|Film & Lighting|Food Trading|Freight|
  Garden Centres|Glass & Ceramics|Hotels|Instruments|Kitchens|Leisure|Marine Equipment|Medical Devices|
  Nut/Bolt Depot|Office Systems|Optics|Outdoor Gear|Packaging|Paper & Print|Pharmacies|Plastics|
  Sound "Hi-Fi" Studios|Sportswear|Textiles|Toys|Vineyards|Water Treatment
`);

export const placeBeginnings = words(`
  Alder|Black|Bray|Cold|Crow|Dun|East|Fair|Glen|Gross|Hollow|Kings|Lower|Mill|Neu|North|Ober|Red|Sand|Stone|Thorn|
  Upper|West|White|Wold
`);

export const placeEndings: Readonly<Record<string, readonly string[]>> = {
  US: ['brook Falls', 'haven Springs', 'dale', 'mont', ' Prairie', 'ridge', 'view Heights', 'water'],
  DE: ['bachtal', 'brücken', 'felden', 'heim am See', 'hausen', 'kirchen', 'münde', 'walde'],
  GB: ['bury', 'combe', 'cester', 'ford-on-Wye', 'leigh', 'minster', 'stow', "thorpe St. Giles'"],
};

export const streetNames: Readonly<Record<string, readonly string[]>> = {
  US: ['Commerce Street', 'Orchard Avenue', 'Railway Boulevard', 'Foundry Road', 'Lakeshore Drive', 'Summit Court'],
  DE: ['Bahnhofstraße', 'Gewerbepark', 'Lindenallee', 'Am Mühlbach', 'Hafenstraße', 'Ringweg'],
  GB: ['High Street', 'Mill Lane', 'Station Road', "Canon's Walk", 'Quay Parade', 'Market Place'],
};

export const streetAdditions = [
  '',
  '',
  '',
  '',
  '\nUnit 4/B',
  '\nFloor 3 \\ Rear entrance',
  '\nc/o Reception',
  ', Gate 7',
];

export const jobTitles = ['Buyer', 'Head of Purchasing', 'Owner', 'Accountant', 'Site Manager', 'Chef', 'Architect'];

export const departments = ['Purchasing', 'Accounts', 'Operations', 'R&D', 'Facilities', 'Sales'];

export const memoSentences = [
  'Delivers only before noon; call the gate first.',
  'Prefers one invoice per month.',
  'Said: "Never substitute an item without asking."',
  'Price list 2/2026 applies, see agreement A/B-17.',
  "Don't send catalogues.",
  'Lieferung über das Tor 3, bitte läuten.',
  'Besuch nur nach Anmeldung – Parkplätze im Hof.',
  'Kaffee ☕ und 50 % Rabatt auf Muster zugesagt.',
  'Tax exemption <pending>; renew every year & file the copy.',
  'Contact by e-mail only.',
];
