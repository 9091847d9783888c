CREATE TABLE appointments (
	code VARCHAR(16) NOT NULL, 
	citizen VARCHAR(64) NOT NULL, 
	service VARCHAR(64) NOT NULL, 
	service_name TEXT NOT NULL, 
	place VARCHAR(64) NOT NULL, 
	place_name TEXT NOT NULL, 
	starts_at DATETIME NOT NULL, 
	ends_at DATETIME NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	name_sealed TEXT NOT NULL, 
	phone_sealed TEXT NOT NULL, 
	phone_hash VARCHAR(64) NOT NULL, 
	created_at DATETIME NOT NULL, 
	cancelled_at DATETIME, 
	PRIMARY KEY (code), 
	CONSTRAINT appointments_status_known CHECK (status IN ('booked', 'cancelled', 'ended')), 
	FOREIGN KEY(citizen) REFERENCES citizens (citizen)
);
INSERT INTO "appointments" VALUES('K2JM4YYS','d63d49a7323703e4d4e0d94a833bb4c9866594a8273138e29d21c3c77e72c287','id-card','居民身份证换领','district-hall','区政务服务中心','2026-11-24 01:00:00.000000','2026-11-24 01:30:00.000000','booked','gAAAAABrCDduiYp1aaZCG29ArPBmS3C0RnUlwVUyGw5cO4gDnw3RRIKt5MDGjloUKJ0Gt7FmldwyUR2D0HKywV_oDZ5C2OdIBg==','gAAAAABrCDduzXP_-S8b3Qmgrt4FZIXKPK0EydfNYRei_sZjmRsX6MZ49xauqTZ9_YQGqt3BnBiOpNrGHfb-gybMa-v_OQwgFw==','57a86891d8658d7d9523a13a3c5188beaf829aa00fe7bd1dc61701a587315dd1','2026-11-23 02:00:00.000000',NULL);
INSERT INTO "appointments" VALUES('VCFCH96N','5d1daf0c5e7634e0308d805f8b98a283c4b301f7fa02a57d1aff3f78f9784ac4','id-card','居民身份证换领','district-hall','区政务服务中心','2026-11-24 01:00:00.000000','2026-11-24 01:30:00.000000','cancelled','gAAAAABrCDdu4TSdi7c4JOLDZLbp6J1n3uj6C5vcnlP3ZmuX9xANLqERlJA5_h7sLzpDj4pxHiVMinm3VAM-XnRDA04D2F_9bw==','gAAAAABrCDdugaUPPneJwgQwEmegSFy2FgCxnDizWhWnMA0-Lc-s_5yqYvmFC_GRbyTbGGswKL0gs8A4FSa8KyIYLkolLyjjVg==','57a86891d8658d7d9523a13a3c5188beaf829aa00fe7bd1dc61701a587315dd1','2026-11-23 02:00:00.000000','2026-11-23 02:00:00.000000');
INSERT INTO "appointments" VALUES('NLQKAPM9','208d57c9f3984601a83a2902dc762a2c85fb3024f9a764647730e7c1a6b6a8ff','id-card','居民身份证换领','district-hall','区政务服务中心','2026-11-24 01:00:00.000000','2026-11-24 01:30:00.000000','booked','gAAAAABrCDduZwekutxpFk6nZkxfBRIjUpQ_I99HrNhP3aNuiC-EqK3QpZfJtYw73UI1RGpO4KN-qq3QuVEV9vp5_QIiSBgVDg==','gAAAAABrCDdubN5kY9PzkmWeAHkzNDwf5kg9-LYUS_b-J6EiRA7IUXoiZ92o9Nw7VCcxou13WOmrcQdDIYXfr8uwdWaMXjNrBg==','57a86891d8658d7d9523a13a3c5188beaf829aa00fe7bd1dc61701a587315dd1','2026-11-23 02:00:00.000000',NULL);
CREATE TABLE citizens (
	citizen VARCHAR(64) NOT NULL, 
	bookings INTEGER NOT NULL, 
	PRIMARY KEY (citizen)
);
INSERT INTO "citizens" VALUES('d63d49a7323703e4d4e0d94a833bb4c9866594a8273138e29d21c3c77e72c287',1);
INSERT INTO "citizens" VALUES('5d1daf0c5e7634e0308d805f8b98a283c4b301f7fa02a57d1aff3f78f9784ac4',1);
INSERT INTO "citizens" VALUES('208d57c9f3984601a83a2902dc762a2c85fb3024f9a764647730e7c1a6b6a8ff',1);
CREATE TABLE meta (
	name VARCHAR(32) NOT NULL, 
	value VARCHAR(128) NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "meta" VALUES('version','1');
INSERT INTO "meta" VALUES('data_key','ad75c13ef1b14839d54219c2087cdde337052f957758bdc2718348d3c7f80492');
CREATE TABLE requests (
	key_hash VARCHAR(64) NOT NULL, 
	body_hash VARCHAR(64) NOT NULL, 
	code VARCHAR(16) NOT NULL, 
	created_at DATETIME NOT NULL, 
	PRIMARY KEY (key_hash), 
	FOREIGN KEY(code) REFERENCES appointments (code)
);
INSERT INTO "requests" VALUES('de5652cb1b344a0a2544c146082ceae213ea58dd6ffb1f6ef70360b5ec232f15','0027ffa23a2c4d5d0f938414fe3a30521191532b7b2a04c1ff4a4ec690da61af','K2JM4YYS','2026-11-23 02:00:00.000000');
INSERT INTO "requests" VALUES('216dbad2bed138d0e56fed6ecac6004e5e0cd1c6e0af0fa969cf305e24ffd14e','938341bb8f8cdc0fd0ee12be7e2d8cd5413293b7c7b7446aac861d9d012ad765','VCFCH96N','2026-11-23 02:00:00.000000');
INSERT INTO "requests" VALUES('f7f69e3e2f4b9cfa2064e5f479ef791d4fd27f01e1435004efef9557cdd0070e','9458fed7f993a7c800b243bae5d2f2857eaba1c2aa9d4063789cb0545304cd19','NLQKAPM9','2026-11-23 02:00:00.000000');
CREATE TABLE slots (
	service VARCHAR(64) NOT NULL, 
	place VARCHAR(64) NOT NULL, 
	starts_at DATETIME NOT NULL, 
	booked INTEGER NOT NULL, 
	capacity INTEGER NOT NULL, 
	PRIMARY KEY (service, place, starts_at), 
	CONSTRAINT slots_never_overbooked CHECK (booked >= 0 AND booked <= capacity)
);
INSERT INTO "slots" VALUES('id-card','district-hall','2026-11-24 01:00:00.000000',2,3);
CREATE UNIQUE INDEX appointments_one_open_per_service ON appointments (citizen, service) WHERE status = 'booked';
CREATE INDEX appointments_of_citizen ON appointments (citizen, starts_at);
CREATE INDEX ix_appointments_phone_hash ON appointments (phone_hash);
CREATE INDEX ix_requests_created_at ON requests (created_at);
