using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DevCluster.Schema.Cel;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.Validation;

/// <summary>
/// Evaluates the CEL rules of a schema on an object, from the outside in, until the budget of the object is exhausted.
/// </summary>
internal sealed class RuleValidator
{
    private readonly List<FieldError> _errors;
    private long _remaining = CelProgram.Budget;

    private RuleValidator(List<FieldError> errors) => _errors = errors;

    public static bool HasRules(TypeSchema schema) => RuleSet.ForSchema(schema).HasAny;

    public static void Validate(
        JsonNode value, JsonNode? old, TypeSchema schema, CorrelatedValue? correlated, List<FieldError> errors) =>
        new RuleValidator(errors).Visit(value, old, schema, FieldPath.Root, new RuleScope(correlated, null));

    private void Visit(JsonNode? value, JsonNode? old, TypeSchema schema, FieldPath path, RuleScope scope)
    {
        if (value is null || _remaining < 0 || !RuleSet.ForSchema(schema).HasAny)
        {
            return;
        }

        CheckRules(value, old, schema, path, scope);
        switch (value)
        {
            case JsonArray list when schema.Items is { } items:
                for (var i = 0; i < list.Count; i++)
                {
                    var before = schema.ListType == ListType.Map
                        ? ListMaps.Find(old, list[i], schema.ListMapKeys)
                        : null;
                    Visit(list[i], before, items, path[i], scope.Index(i));
                }

                break;
            case JsonObject map:
                foreach (var (key, child) in map)
                {
                    var before = (old as JsonObject)?[key];
                    if (schema.Properties.TryGetValue(key, out var property))
                    {
                        Visit(child, before, property, path[key], scope.Key(key));
                    }
                    else if (schema.AdditionalProperties is { } additional)
                    {
                        Visit(child, before, additional, path.Key(key), scope.Key(key));
                    }
                }

                break;
        }
    }

    private void CheckRules(JsonNode value, JsonNode? old, TypeSchema schema, FieldPath path, RuleScope scope)
    {
        var rules = RuleSet.ForSchema(schema).Rules;
        if (rules.Count == 0)
        {
            return;
        }

        var self = CelJson.ToValue(value, schema);
        var oldSelf = old is null ? null : CelJson.ToValue(old, schema);
        foreach (var rule in rules)
        {
            if (rule.Problem is not null)
            {
                _errors.Add(FieldErrors.Invalid(path, schema.Type, $"rule compile error: {rule.Problem}"));
            }
            else if (rule.Program is not null && (!rule.UsesOldSelf || old is not null || rule.Rule.OptionalOldSelf))
            {
                object? before = rule.Rule.OptionalOldSelf
                    ? (oldSelf is null ? CelOptional.None : CelOptional.FromValue(oldSelf))
                    : oldSelf;
                Check(rule, CompiledRule.Bind(self, before), value, schema, path, scope);
            }

            if (_remaining < 0)
            {
                return;
            }
        }
    }

    private void Check(
        CompiledRule rule,
        Func<string, object?> variables,
        JsonNode value,
        TypeSchema schema,
        FieldPath path,
        RuleScope scope)
    {
        var outcome = rule.Program!.Evaluate(variables);
        _remaining -= outcome.Cost;
        if (_remaining < 0)
        {
            _errors.Add(FieldErrors.Invalid(path, schema.Type, CelProgram.BudgetExceeded));
            return;
        }

        switch (outcome.Value)
        {
            case true:
                return;
            case CelError error:
                ReportError(rule, error, outcome.IsOverLimit, schema, path);
                return;
        }

        var at = rule.FieldPath is null ? path : path[rule.FieldPath];
        var finding = Make(rule, at, value, schema, Message(rule, variables));
        if (rule.UsesOldSelf || !scope.IsUnchanged)
        {
            _errors.Add(finding);
        }
    }

    private void ReportError(CompiledRule rule, CelError error, bool isOverLimit, TypeSchema schema, FieldPath path)
    {
        var detail = isOverLimit
            ? $"'{error.Message}': no further validation rules will be run due to call cost exceeds limit for rule: "
                + $"{rule.ShortText}"
                : error.Message.StartsWith("no such overload", StringComparison.Ordinal)
                    ? $"'{error.Message}': call arguments did not match a supported operator, function or macro "
                        + $"signature for rule: {rule.ShortText}"
                : $"{error.Message} evaluating rule: {rule.ShortText}";
        _errors.Add(FieldErrors.Invalid(path, schema.Type, detail));
        _remaining = isOverLimit ? -1 : _remaining;
    }

    /// <summary>The message of a rule, or its fallback if the message expression fails.</summary>
    private string Message(CompiledRule rule, Func<string, object?> variables)
    {
        if (rule.MessageExpression is { } expression)
        {
            var outcome = expression.Evaluate(variables);
            _remaining -= outcome.Cost;
            if (CelOutcome.Message(outcome.Value) is { } message)
            {
                return message;
            }
        }

        return string.IsNullOrEmpty(rule.Rule.Message) ? $"failed rule: {rule.ShortText}" : rule.ShortText;
    }

    private static FieldError Make(CompiledRule rule, FieldPath path, JsonNode value, TypeSchema schema, string message)
    {
        var isShown = schema.Type is not ("object" or "array");
        return rule.Rule.Reason switch
        {
            "FieldValueForbidden" => FieldErrors.Forbidden(path, message),
            "FieldValueRequired" => FieldErrors.Required(path, message),
            "FieldValueDuplicate" => isShown ? FieldErrors.Duplicate(path, value) : FieldErrors.DuplicateUnshown(path),
            _ => isShown ? FieldErrors.Invalid(path, value, message) : FieldErrors.InvalidUnshown(path, message),
        };
    }
}

/// <summary>Parses the path of a rule or selectable field: <c>.spec.name</c>, <c>.data['key']</c>.</summary>
internal static partial class RuleFieldPath
{
    /// <summary>Resolves the path below <paramref name="schema"/> to the schema of its target, if it exists.</summary>
    public static bool TryResolve(
        string text,
        TypeSchema schema,
        bool allowBrackets,
        out FieldPath path,
        out TypeSchema found,
        out string problem)
    {
        path = FieldPath.Root;
        found = schema;
        problem = "";
        var at = 0;
        while (at < text.Length && problem.Length == 0)
        {
            var step = Step().Match(text, at);
            var isBracket = text[at] == '[';
            problem = isBracket && !allowBrackets ? "array notation is not allowed"
                : !step.Success ? Malformed(text, at)
                : !TryEnter(isBracket ? Unescape(step.Groups[2].Value) : step.Groups[1].Value, ref path, ref found)
                    ? "does not refer to a valid field"
                    : "";
            at += step.Length;
        }

        return problem.Length == 0;
    }

    private static string Malformed(string text, int at) => text[at] switch
    {
        '.' => "unexpected end of JSON path",
        '[' =>
            at + 1 >= text.Length
                ? "unexpected end of JSON path"
                : $"expected single quoted string but got {Word().Match(text, at + 1).Value}",
        _ => $"expected [ or . but got: {Word().Match(text, at).Value}",
    };

    private static bool TryEnter(string name, ref FieldPath path, ref TypeSchema schema)
    {
        if (schema.Properties.Count > 0)
        {
            if (!schema.Properties.TryGetValue(name, out var property))
            {
                return false;
            }

            path = path[name];
            schema = property;
            return true;
        }

        if (schema.AdditionalProperties is null)
        {
            return false;
        }

        path = path.Key(name);
        schema = schema.AdditionalProperties;
        return true;
    }

    private static string Unescape(string quoted) => Escape().Replace(quoted, match => match.Value[1].ToString());

    [GeneratedRegex(@"\G(?:\.([^.\[\]]+)|\['((?:[^'\\]|\\.)*)'\])")]
    private static partial Regex Step();

    [GeneratedRegex(@"\G[^.\[\]]*")]
    private static partial Regex Word();

    [GeneratedRegex(@"\\.")]
    private static partial Regex Escape();
}
