CREATE TABLE public.appointments (
    code character varying(16) NOT NULL,
    citizen character varying(64) NOT NULL,
    service character varying(64) NOT NULL,
    service_name text NOT NULL,
    place character varying(64) NOT NULL,
    place_name text NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    status character varying(16) NOT NULL,
    name_sealed text NOT NULL,
    phone_sealed text NOT NULL,
    phone_hash character varying(64) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    cancelled_at timestamp with time zone,
    CONSTRAINT appointments_status_known CHECK (((status)::text = ANY ((ARRAY['booked'::character varying, 'cancelled'::character varying, 'ended'::character varying])::text[])))
);
CREATE TABLE public.citizens (
    citizen character varying(64) NOT NULL,
    bookings integer NOT NULL
);
CREATE TABLE public.meta (
    name character varying(32) NOT NULL,
    value character varying(128) NOT NULL
);
CREATE TABLE public.requests (
    key_hash character varying(64) NOT NULL,
    body_hash character varying(64) NOT NULL,
    code character varying(16) NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE public.slots (
    service character varying(64) NOT NULL,
    place character varying(64) NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    booked integer NOT NULL,
    capacity integer NOT NULL,
    CONSTRAINT slots_never_overbooked CHECK (((booked >= 0) AND (booked <= capacity)))
);
INSERT INTO public.appointments VALUES ('K2JM4YYS', 'd63d49a7323703e4d4e0d94a833bb4c9866594a8273138e29d21c3c77e72c287', 'id-card', '居民身份证换领', 'district-hall', '区政务服务中心', '2026-11-24 01:00:00+00', '2026-11-24 01:30:00+00', 'booked', 'gAAAAABrCDduiYp1aaZCG29ArPBmS3C0RnUlwVUyGw5cO4gDnw3RRIKt5MDGjloUKJ0Gt7FmldwyUR2D0HKywV_oDZ5C2OdIBg==', 'gAAAAABrCDduzXP_-S8b3Qmgrt4FZIXKPK0EydfNYRei_sZjmRsX6MZ49xauqTZ9_YQGqt3BnBiOpNrGHfb-gybMa-v_OQwgFw==', '57a86891d8658d7d9523a13a3c5188beaf829aa00fe7bd1dc61701a587315dd1', '2026-11-23 02:00:00+00', NULL);
INSERT INTO public.appointments VALUES ('VCFCH96N', '5d1daf0c5e7634e0308d805f8b98a283c4b301f7fa02a57d1aff3f78f9784ac4', 'id-card', '居民身份证换领', 'district-hall', '区政务服务中心', '2026-11-24 01:00:00+00', '2026-11-24 01:30:00+00', 'cancelled', 'gAAAAABrCDdu4TSdi7c4JOLDZLbp6J1n3uj6C5vcnlP3ZmuX9xANLqERlJA5_h7sLzpDj4pxHiVMinm3VAM-XnRDA04D2F_9bw==', 'gAAAAABrCDdugaUPPneJwgQwEmegSFy2FgCxnDizWhWnMA0-Lc-s_5yqYvmFC_GRbyTbGGswKL0gs8A4FSa8KyIYLkolLyjjVg==', '57a86891d8658d7d9523a13a3c5188beaf829aa00fe7bd1dc61701a587315dd1', '2026-11-23 02:00:00+00', '2026-11-23 02:00:00+00');
INSERT INTO public.appointments VALUES ('NLQKAPM9', '208d57c9f3984601a83a2902dc762a2c85fb3024f9a764647730e7c1a6b6a8ff', 'id-card', '居民身份证换领', 'district-hall', '区政务服务中心', '2026-11-24 01:00:00+00', '2026-11-24 01:30:00+00', 'booked', 'gAAAAABrCDduZwekutxpFk6nZkxfBRIjUpQ_I99HrNhP3aNuiC-EqK3QpZfJtYw73UI1RGpO4KN-qq3QuVEV9vp5_QIiSBgVDg==', 'gAAAAABrCDdubN5kY9PzkmWeAHkzNDwf5kg9-LYUS_b-J6EiRA7IUXoiZ92o9Nw7VCcxou13WOmrcQdDIYXfr8uwdWaMXjNrBg==', '57a86891d8658d7d9523a13a3c5188beaf829aa00fe7bd1dc61701a587315dd1', '2026-11-23 02:00:00+00', NULL);
INSERT INTO public.citizens VALUES ('d63d49a7323703e4d4e0d94a833bb4c9866594a8273138e29d21c3c77e72c287', 1);
INSERT INTO public.citizens VALUES ('5d1daf0c5e7634e0308d805f8b98a283c4b301f7fa02a57d1aff3f78f9784ac4', 1);
INSERT INTO public.citizens VALUES ('208d57c9f3984601a83a2902dc762a2c85fb3024f9a764647730e7c1a6b6a8ff', 1);
INSERT INTO public.meta VALUES ('version', '1');
INSERT INTO public.meta VALUES ('data_key', 'ad75c13ef1b14839d54219c2087cdde337052f957758bdc2718348d3c7f80492');
INSERT INTO public.requests VALUES ('de5652cb1b344a0a2544c146082ceae213ea58dd6ffb1f6ef70360b5ec232f15', '0027ffa23a2c4d5d0f938414fe3a30521191532b7b2a04c1ff4a4ec690da61af', 'K2JM4YYS', '2026-11-23 02:00:00+00');
INSERT INTO public.requests VALUES ('216dbad2bed138d0e56fed6ecac6004e5e0cd1c6e0af0fa969cf305e24ffd14e', '938341bb8f8cdc0fd0ee12be7e2d8cd5413293b7c7b7446aac861d9d012ad765', 'VCFCH96N', '2026-11-23 02:00:00+00');
INSERT INTO public.requests VALUES ('f7f69e3e2f4b9cfa2064e5f479ef791d4fd27f01e1435004efef9557cdd0070e', '9458fed7f993a7c800b243bae5d2f2857eaba1c2aa9d4063789cb0545304cd19', 'NLQKAPM9', '2026-11-23 02:00:00+00');
INSERT INTO public.slots VALUES ('id-card', 'district-hall', '2026-11-24 01:00:00+00', 2, 3);
ALTER TABLE ONLY public.appointments
    ADD CONSTRAINT appointments_pkey PRIMARY KEY (code);
ALTER TABLE ONLY public.citizens
    ADD CONSTRAINT citizens_pkey PRIMARY KEY (citizen);
ALTER TABLE ONLY public.meta
    ADD CONSTRAINT meta_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.requests
    ADD CONSTRAINT requests_pkey PRIMARY KEY (key_hash);
ALTER TABLE ONLY public.slots
    ADD CONSTRAINT slots_pkey PRIMARY KEY (service, place, starts_at);
CREATE INDEX appointments_of_citizen ON public.appointments USING btree (citizen, starts_at);
CREATE UNIQUE INDEX appointments_one_open_per_service ON public.appointments USING btree (citizen, service) WHERE ((status)::text = 'booked'::text);
CREATE INDEX ix_appointments_phone_hash ON public.appointments USING btree (phone_hash);
CREATE INDEX ix_requests_created_at ON public.requests USING btree (created_at);
ALTER TABLE ONLY public.appointments
    ADD CONSTRAINT appointments_citizen_fkey FOREIGN KEY (citizen) REFERENCES public.citizens(citizen);
ALTER TABLE ONLY public.requests
    ADD CONSTRAINT requests_code_fkey FOREIGN KEY (code) REFERENCES public.appointments(code);
