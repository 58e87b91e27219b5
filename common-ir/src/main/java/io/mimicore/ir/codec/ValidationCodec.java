package io.mimicore.ir.codec;

import io.mimicore.ir.Validation;
import io.mimicore.proto.ir.v1.BodySchema;
import io.mimicore.proto.ir.v1.FieldRule;
import io.mimicore.proto.ir.v1.Route;

/// What a request must look like; its messages are fields of the route's.
final class ValidationCodec {
    private ValidationCodec() {}

    static void encode(Validation validation, Route.Builder route) {
        validation.headers().forEach(rule -> route.addHeaderRules(encode(rule)));
        validation.query().forEach(rule -> route.addQueryRules(encode(rule)));
        Validation.BodySchema body = validation.body();
        if (body != null) {
            route.setBodySchema(
                    BodySchema.newBuilder()
                            .setDialect(wireName(body.dialect()))
                            .setJson(Utf8.encodable(body.json())));
        }
    }

    static Validation decode(Route route) throws MalformedIrException {
        return new Validation(
                Decoding.all("header_rules", route.getHeaderRulesList(), ValidationCodec::decode),
                Decoding.all("query_rules", route.getQueryRulesList(), ValidationCodec::decode),
                route.hasBodySchema()
                        ? Decoding.one(
                                "body_schema", route.getBodySchema(), ValidationCodec::decode)
                        : null);
    }

    private static FieldRule encode(Validation.FieldRule rule) {
        FieldRule.Builder message =
                FieldRule.newBuilder()
                        .setName(Utf8.encodable(rule.name()))
                        .setRequired(rule.required());
        if (rule.pattern() != null) {
            message.setPattern(Utf8.encodable(rule.pattern()));
        }
        if (rule.min() != null) {
            message.setMin(rule.min());
        }
        if (rule.max() != null) {
            message.setMax(rule.max());
        }
        return message.build();
    }

    private static Validation.FieldRule decode(FieldRule message) {
        return new Validation.FieldRule(
                message.getName(),
                message.getRequired(),
                message.hasPattern() ? message.getPattern() : null,
                message.hasMin() ? Double.valueOf(message.getMin()) : null,
                message.hasMax() ? Double.valueOf(message.getMax()) : null);
    }

    private static Validation.BodySchema decode(BodySchema message) throws MalformedIrException {
        return new Validation.BodySchema(dialect(message.getDialect()), message.getJson());
    }

    private static String wireName(Validation.Dialect dialect) {
        return switch (dialect) {
            case DRAFT_4 -> "draft-04";
            case DRAFT_6 -> "draft-06";
            case DRAFT_7 -> "draft-07";
            case DRAFT_2019_09 -> "2019-09";
            case DRAFT_2020_12 -> "2020-12";
        };
    }

    private static Validation.Dialect dialect(String wireName) throws MalformedIrException {
        for (Validation.Dialect dialect : Validation.Dialect.values()) {
            if (wireName(dialect).equals(wireName)) {
                return dialect;
            }
        }
        throw new MalformedIrException("dialect: " + wireName + " (expected: a JSON Schema draft)");
    }
}
