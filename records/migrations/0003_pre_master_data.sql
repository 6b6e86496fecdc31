-- What there is: projects, buildings, units with their dates, and customers with encrypted personal fields.

CREATE TABLE projects (
    code  TEXT PRIMARY KEY,
    name  TEXT NOT NULL UNIQUE,
    line  TEXT NOT NULL CHECK (line IN ('sales', 'brokerage', 'property'))
);

CREATE TABLE buildings (
    project  TEXT NOT NULL REFERENCES projects (code),
    name     TEXT NOT NULL,
    PRIMARY KEY (project, name)
);

-- A flat, shop or parking space. `name` is how people write it; handover and warranty are dates of the contract.
CREATE TABLE units (
    project         TEXT NOT NULL,
    name            TEXT NOT NULL,
    building        TEXT,
    handed_over_on  DATE,
    warranty_until  DATE,
    PRIMARY KEY (project, name),
    FOREIGN KEY (project) REFERENCES projects (code),
    FOREIGN KEY (project, building) REFERENCES buildings (project, name),
    CONSTRAINT units_warranty CHECK (warranty_until >= handed_over_on)
);

-- Customers: personal fields are ids of encrypted texts under the customer's own key (CUS-01, CUS-07).
CREATE TABLE customers (
    id            TEXT PRIMARY KEY,
    reference     TEXT NOT NULL UNIQUE,
    name_text     TEXT NOT NULL REFERENCES texts (id),
    contact_text  TEXT NOT NULL REFERENCES texts (id),
    preferred     TEXT,
    language      TEXT NOT NULL DEFAULT 'zh-CN',
    content       BYTEA NOT NULL,
    changed_at    TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE TABLE customer_units (
    customer  TEXT NOT NULL REFERENCES customers (id),
    project   TEXT NOT NULL,
    unit      TEXT NOT NULL,
    relation  TEXT NOT NULL CHECK (relation IN ('owner', 'tenant', 'buyer', 'landlord')),
    PRIMARY KEY (customer, project, unit),
    FOREIGN KEY (project, unit) REFERENCES units (project, name)
);
CREATE INDEX customer_units_unit ON customer_units (project, unit);
