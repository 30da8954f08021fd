using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Dynospace.Hosting.Options;

/// <summary>How the values of an option look, for readers and for JSON Schema.</summary>
public abstract class OptionFormat
{
    /// <summary>The placeholder of a value in <c>--help</c>.</summary>
    public abstract string Placeholder { get; }

    /// <summary>The JSON Schema of a value in the chart; a new node each time.</summary>
    public abstract JsonObject Schema();

    /// <summary>Why a text is not a value, and what to write instead.</summary>
    public abstract string Refusal(string text);
}

/// <summary>How values of one type are read and written.</summary>
public abstract class OptionFormat<TValue> : OptionFormat
{
    /// <summary>Whether the text is a value.</summary>
    public abstract bool TryParse(string text, [MaybeNullWhen(false)] out TValue value);

    /// <summary>The value as a user would write it; null for none.</summary>
    public virtual string? TextOf(TValue value) => Convert.ToString(value, CultureInfo.InvariantCulture);
}

/// <summary>The formats that options are declared with.</summary>
public static class OptionFormats
{
    // Helm matches the patterns by Go's RE2, which has no look-around.
    private const string Label = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?";
    private const string IPv4 =
        @"((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private const string Hex = "[0-9A-Fa-f]{1,4}";
    private const string IPv6 = $"(({Hex}:){{7}}{Hex}|({Hex}:){{1,7}}:|:(:{Hex}){{1,7}}|({Hex}:){{1,6}}:{Hex}"
        + $"|({Hex}:){{1,5}}(:{Hex}){{1,2}}|({Hex}:){{1,4}}(:{Hex}){{1,3}}|({Hex}:){{1,3}}(:{Hex}){{1,4}}"
        + $"|({Hex}:){{1,2}}(:{Hex}){{1,5}}|{Hex}:(:{Hex}){{1,6}}|::)";

    /// <summary>An IPv4-mapped address stands for no packet of IPv6, and no policy takes it.</summary>
    private const string MappedIPv4 = "(^|[ ,])(::|(0{1,4}:){5})[Ff]{4}:";

    private static readonly string Range = RangeFrom(0);

    /// <summary>A port, 1 to 65535.</summary>
    public static OptionFormat<int> Port { get; } = new IntegerFormat(1, ushort.MaxValue, "port");

    /// <summary>A switch, true or false.</summary>
    public static OptionFormat<bool> Switch { get; } = new SwitchFormat();

    /// <summary>A switch whose default depends on where the program runs.</summary>
    public static OptionFormat<bool?> SwitchOrNone { get; } = new NullableFormat<bool>(Switch);

    /// <summary>Seconds, 0 to one hour.</summary>
    public static OptionFormat<TimeSpan> Seconds(int least) => new SecondsFormat(least);

    /// <summary>A whole number.</summary>
    public static OptionFormat<int> Integer(int least, int most) => new IntegerFormat(least, most, "number");

    /// <summary>A text that is not empty.</summary>
    public static OptionFormat<string> Text(string placeholder = "TEXT") => new PatternFormat<string>(
        placeholder,
        @"\S",
        "empty",
        "write a value, or leave the option out for the default",
        value => value,
        value => value);

    /// <summary>A text; empty for none.</summary>
    public static OptionFormat<string?> TextOrNone(string placeholder) => new PatternFormat<string?>(
        placeholder, "", "not a value", "write one", text => text.Length == 0 ? null : text, value => value, _ => true);

    /// <summary>A lower-case host name that leaves room for the names before it.</summary>
    public static OptionFormat<string> HostName(int most) => new PatternFormat<string>(
        "HOST", $@"^{Label}(\.{Label})*$", "not a valid lower-case host name",
        $"use one of at most {most} characters such as apps.example.com", value => value, value => value, most: most);

    /// <summary>The name of an object, or of a part of one.</summary>
    public static OptionFormat<string> Name(string what, string example) => new PatternFormat<string>(
        "NAME",
        $@"^{Label}(\.{Label})*$",
        $"not a valid name of {what}",
        $"use one such as {example}",
        value => value,
        value => value,
        most: 253);

    /// <summary>A lower-case name; empty for none.</summary>
    public static OptionFormat<string?> NameOrNone(string what, string remedy) => new PatternFormat<string?>(
        "NAME", $"^({Label})?$", $"not a valid {what}", remedy, text => text.Length == 0 ? null : text, value => value);

    /// <summary>An object as <c>namespace/name</c>; empty for none.</summary>
    public static OptionFormat<string?> NamespacedName(string kind) => new PatternFormat<string?>(
        "NAMESPACE/NAME", $@"^({Label}/{Label}(\.{Label})*)?$", $"not a valid name of a {kind}", "write namespace/name",
        text => text.Length == 0 ? null : text, value => value);

    /// <summary>IP addresses, separated by commas; empty for none.</summary>
    public static OptionFormat<IReadOnlyList<string>> Addresses { get; } = new ListFormat(
        "IP,IP",
        $"({IPv4}|{IPv6})",
        "not a valid IP address",
        "use one such as 169.254.20.10, or an empty text for none",
        item => IPAddress.TryParse(item, out _),
        MappedIPv4);

    /// <summary>An IP address and a port; empty for none.</summary>
    public static OptionFormat<string?> EndpointOrNone { get; } = new PatternFormat<string?>(
        "IP:PORT",
        $@"^(({IPv4}|\[{IPv6}\]):{NumberPattern.Between(1, ushort.MaxValue)})?$",
        "not a valid IP address and port",
        "use one such as 198.51.100.7:7878 or [2001:db8::7]:7878, or an empty text for none",
        text => text.Length == 0 ? null : text,
        value => value,
        text => text.Length == 0 || IPEndPoint.TryParse(text, out _),
        never: MappedIPv4);

    /// <summary>Addresses ranges, separated by commas.</summary>
    public static OptionFormat<IReadOnlyList<string>> Ranges { get; } = new ListFormat(
        "CIDR,CIDR", Range, "not a valid CIDR range", "write ranges as 10.0.0.0/8,2001:db8::/32",
        item => IPNetwork.TryParse(item, out _),
        MappedIPv4);

    /// <summary>
    /// Ranges of load balancers, separated by commas. With everybody a load balancer, any client states the address
    /// that it likes.
    /// </summary>
    public static OptionFormat<IReadOnlyList<string>> Proxies { get; } = new ListFormat(
        "CIDR,CIDR",
        RangeFrom(1),
        "not a valid CIDR range of load balancers",
        "write their own addresses as 10.0.0.0/24,2001:db8::/64, never all of a family, or any client could state an "
        + "address of its choice",
        item => IPNetwork.TryParse(item, out var range) && range.PrefixLength > 0,
        MappedIPv4);

    /// <summary>Ports, separated by commas.</summary>
    public static OptionFormat<IReadOnlyList<int>> Ports { get; } = new PortsFormat();

    /// <summary>Pairs of a key and a value, separated by commas.</summary>
    /// <param name="example">How they are written.</param>
    /// <param name="least">How many there must be: 0 or 1.</param>
    /// <param name="pair">The pattern of a pair; null where any key and value will do.</param>
    public static OptionFormat<IReadOnlyDictionary<string, string>> Pairs(
        string example, int least = 0, string? pair = null) => new PairsFormat(example, least, pair);

    /// <summary>One of some words, in any case.</summary>
    public static OptionFormat<TEnum> OneOf<TEnum>(params TEnum[] values)
        where TEnum : struct, Enum => new ChoiceFormat<TEnum>(values.Length > 0 ? values : Enum.GetValues<TEnum>());

    /// <summary>One of some words, exactly.</summary>
    public static OptionFormat<string> OneOf(params string[] words) => new WordFormat(words);

    /// <summary>A user id, or <c>image</c> for none.</summary>
    public static OptionFormat<long?> UserOrImage { get; } = new UserFormat();

    /// <summary>A time with its unit, or <c>never</c>.</summary>
    public static OptionFormat<TimeSpan?> IntervalOrNever(TimeSpan least, TimeSpan most) =>
        new IntervalFormat(least, most);

    /// <summary>A time with its unit, of at least a second.</summary>
    public static OptionFormat<TimeSpan> Duration(TimeSpan most) => new DurationFormat(TimeSpan.FromSeconds(1), most);

    /// <param name="least">The shortest prefix.</param>
    private static string RangeFrom(int least) =>
        $"({IPv4}/{NumberPattern.Between(least, 32)}|{IPv6}/{NumberPattern.Between(least, 128)})";
}

/// <summary>Words of JSON Schema that several formats use.</summary>
internal static class SchemaWords
{
    /// <param name="never">The pattern that no value matches; null for none.</param>
    public static JsonObject WithNever(JsonObject schema, string? never)
    {
        if (never is not null)
        {
            // A null is not a text, and would match any pattern.
            schema["not"] = new JsonObject { ["type"] = "string", ["pattern"] = never };
        }

        return schema;
    }
}

internal sealed class IntegerFormat(int least, int most, string what) : OptionFormat<int>
{
    public override string Placeholder => "N";

    public override JsonObject Schema() => new() { ["type"] = "integer", ["minimum"] = least, ["maximum"] = most };

    public override string Refusal(string text) => $"'{text}' is not a valid {what}: use {least} to {most}.";

    public override bool TryParse(string text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value)
        && value >= least
        && value <= most;
}

internal sealed class NullableFormat<TValue>(OptionFormat<TValue> format) : OptionFormat<TValue?>
    where TValue : struct
{
    public override string Placeholder => format.Placeholder;

    public override JsonObject Schema() => format.Schema();

    public override string Refusal(string text) => format.Refusal(text);

    public override bool TryParse(string text, out TValue? value)
    {
        var parsed = format.TryParse(text, out var found);
        value = found;
        return parsed;
    }

    public override string? TextOf(TValue? value) => value is { } found ? format.TextOf(found) : null;
}

internal sealed class SwitchFormat : OptionFormat<bool>
{
    public override string Placeholder => "true|false";

    public override JsonObject Schema() => new() { ["type"] = "boolean" };

    public override string Refusal(string text) => $"'{text}' is neither true nor false.";

    public override bool TryParse(string text, out bool value) => bool.TryParse(text, out value);

    public override string? TextOf(bool value) => value ? "true" : "false";
}

internal sealed class SecondsFormat(int least) : OptionFormat<TimeSpan>
{
    private const int Most = 3600;

    public override string Placeholder => "SECONDS";

    public override JsonObject Schema() => new() { ["type"] = "integer", ["minimum"] = least, ["maximum"] = Most };

    public override string Refusal(string text) => $"'{text}' is not a valid number of seconds: use {least} to {Most}.";

    public override bool TryParse(string text, out TimeSpan value)
    {
        var parsed = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds);
        value = TimeSpan.FromSeconds(seconds);
        return parsed && seconds >= least && seconds <= Most;
    }

    public override string? TextOf(TimeSpan value) => value.TotalSeconds.ToString(CultureInfo.InvariantCulture);
}

internal sealed class PatternFormat<TValue>(
    string placeholder,
    string pattern,
    string refusal,
    string remedy,
    Func<string, TValue> read,
    Func<TValue, string?> write,
    Func<string, bool>? isValid = null,
    int? most = null,
    string? never = null) : OptionFormat<TValue>
{
    public override string Placeholder => placeholder;

    public override JsonObject Schema()
    {
        var schema = new JsonObject { ["type"] = "string", ["pattern"] = pattern };
        if (most is { } length)
        {
            schema["maxLength"] = length;
        }

        return SchemaWords.WithNever(schema, never);
    }

    public override string Refusal(string text) => $"'{text}' is {refusal}: {remedy}.";

    public override bool TryParse(string text, [MaybeNullWhen(false)] out TValue value)
    {
        value = read(text);
        return !(text.Length > most)
            && (isValid?.Invoke(text)
                ?? Regex.IsMatch(text, pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)));
    }

    public override string? TextOf(TValue value) => write(value);
}

/// <param name="placeholder">The placeholder of a value.</param>
/// <param name="item">The pattern of one item.</param>
/// <param name="refusal">What is wrong with an item that does not match.</param>
/// <param name="remedy">What to write instead.</param>
/// <param name="isValid">Whether a text is an item.</param>
/// <param name="never">The pattern that no list matches, for the schema; null for none.</param>
internal sealed class ListFormat(
    string placeholder, string item, string refusal, string remedy, Func<string, bool> isValid, string? never = null)
    : OptionFormat<IReadOnlyList<string>>
{
    public override string Placeholder => placeholder;

    public override JsonObject Schema() => SchemaWords.WithNever(
        new() { ["type"] = "string", ["pattern"] = $"^( *{item} *(, *{item} *)*)?$" }, never);

    public override string Refusal(string text) =>
        $"'{Split(text).First(part => !isValid(part))}' is {refusal}: {remedy}.";

    public override bool TryParse(string text, [MaybeNullWhen(false)] out IReadOnlyList<string> value)
    {
        value = Split(text);
        return value.All(isValid);
    }

    public override string? TextOf(IReadOnlyList<string> value) => value.Count == 0 ? null : string.Join(',', value);

    internal static string[] Split(string text) =>
        text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}

internal sealed class PortsFormat : OptionFormat<IReadOnlyList<int>>
{
    private static readonly string Item = NumberPattern.Between(1, ushort.MaxValue);

    public override string Placeholder => "N,N";

    /// <summary>Helm hands a single port over as a number.</summary>
    public override JsonObject Schema() => new()
    {
        ["type"] = new JsonArray("string", "integer"),
        ["pattern"] = $"^{Item}(,{Item})*$",
        ["minimum"] = 1,
        ["maximum"] = (int)ushort.MaxValue,
    };

    public override string Refusal(string text) => $"'{text}' is not a list of ports: write them as 53,5353.";

    public override bool TryParse(string text, [MaybeNullWhen(false)] out IReadOnlyList<int> value)
    {
        var ports = ListFormat.Split(text)
            .Select(part => OptionFormats.Port.TryParse(part, out var port) ? port : 0)
            .ToList();
        value = ports;
        return ports.Count > 0 && !ports.Contains(0);
    }

    public override string? TextOf(IReadOnlyList<int> value) => string.Join(',', value);
}

internal sealed class PairsFormat(string example, int least, string? pattern = null)
    : OptionFormat<IReadOnlyDictionary<string, string>>
{
    private readonly string _pair = pattern ?? "[^=, ][^=,]*=[^,]*";

    public override string Placeholder => "KEY=VALUE,KEY=VALUE";

    public override JsonObject Schema() =>
        new() { ["type"] = "string", ["pattern"] = $"^( *{_pair}(, *{_pair})*){(least > 0 ? "" : "?")}$" };

    public override string Refusal(string text) =>
        ListFormat.Split(text).FirstOrDefault(pair => !IsPair(pair)) is { } wrong
            ? $"'{wrong}' is not {(pattern is null ? "a pair" : "valid")}: write pairs as {example}."
            : $"it is empty: write pairs as {example}.";

    public override bool TryParse(string text, [MaybeNullWhen(false)] out IReadOnlyDictionary<string, string> value)
    {
        var pairs = ListFormat.Split(text);
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var parts in pairs.Where(IsPair).Select(pair => pair.Split('=', 2)))
        {
            found[parts[0]] = parts[1];
        }

        value = found;
        return pairs.Length >= least && pairs.All(IsPair);
    }

    public override string? TextOf(IReadOnlyDictionary<string, string> value) =>
        value.Count == 0
            ? null
            : string.Join(',', value.Select(pair => $"{pair.Key}={pair.Value}").Order(StringComparer.Ordinal));

    private bool IsPair(string text) => pattern is null
        ? text.IndexOf('=', StringComparison.Ordinal) > 0
        : Regex.IsMatch(text, $"^({pattern})$", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
}

internal sealed class ChoiceFormat<TEnum>(TEnum[] values) : OptionFormat<TEnum>
    where TEnum : struct, Enum
{
    private readonly string[] _names = [.. values.Select(value => value.ToString())];

    public override string Placeholder => string.Join('|', _names);

    public override JsonObject Schema() =>
        new() { ["enum"] = new JsonArray([.. _names.Select(name => JsonValue.Create(name))]) };

    public override string Refusal(string text) => $"'{text}' is not known: use one of {string.Join(", ", _names)}.";

    public override bool TryParse(string text, out TEnum value)
    {
        var at = Array.FindIndex(_names, name => name.Equals(text, StringComparison.OrdinalIgnoreCase));
        value = at < 0 ? default : values[at];
        return at >= 0;
    }

    public override string? TextOf(TEnum value) => value.ToString();
}

internal sealed class WordFormat(string[] words) : OptionFormat<string>
{
    public override string Placeholder => string.Join('|', words);

    public override JsonObject Schema() =>
        new() { ["enum"] = new JsonArray([.. words.Select(word => JsonValue.Create(word))]) };

    public override string Refusal(string text) => $"'{text}' is not known: use one of {string.Join(", ", words)}.";

    public override bool TryParse(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return words.Contains(text);
    }
}

internal sealed class UserFormat : OptionFormat<long?>
{
    private const string Image = "image";

    public override string Placeholder => "UID|image";

    public override JsonObject Schema() => new()
    {
        ["oneOf"] = new JsonArray(
            new JsonObject { ["type"] = "integer", ["minimum"] = 1, ["maximum"] = int.MaxValue },
            new JsonObject { ["enum"] = new JsonArray(Image) }),
    };

    public override string Refusal(string text) =>
        $"'{text}' is not a valid user id: use 1 to {int.MaxValue}, which is never root, or {Image} to leave it to "
        + $"the image.";

    public override bool TryParse(string text, out long? value)
    {
        value = null;
        if (text == Image)
        {
            return true;
        }

        // The largest user id that Kubernetes takes.
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var user)
            || user is < 1 or > int.MaxValue)
        {
            return false;
        }

        value = user;
        return true;
    }

    public override string? TextOf(long? value) => value?.ToString(CultureInfo.InvariantCulture) ?? Image;
}

internal sealed class IntervalFormat(TimeSpan least, TimeSpan most) : OptionFormat<TimeSpan?>
{
    private const string Never = "never";
    private readonly DurationFormat _duration = new(least, most);

    public override string Placeholder => "TIME|never";

    public override JsonObject Schema() =>
        new() { ["type"] = "string", ["pattern"] = $"^({_duration.Pattern}|{Never})$" };

    public override string Refusal(string text) => $"{_duration.Refusal(text)[..^1]}, or {Never}.";

    public override bool TryParse(string text, out TimeSpan? value)
    {
        var isTime = _duration.TryParse(text, out var time);
        value = isTime ? time : null;
        return isTime || text == Never;
    }

    public override string? TextOf(TimeSpan? value) => value is { } time ? _duration.TextOf(time) : Never;
}

internal sealed class DurationFormat(TimeSpan least, TimeSpan most) : OptionFormat<TimeSpan>
{
    private static readonly (char Unit, TimeSpan Length)[] Units =
        [('h', TimeSpan.FromHours(1)), ('m', TimeSpan.FromMinutes(1)), ('s', TimeSpan.FromSeconds(1))];

    public override string Placeholder => "TIME";

    /// <summary>The pattern of a value, in each of the units.</summary>
    public string Pattern => $"0*({string.Join('|', Units.Select(unit => NumbersOf(unit.Length) + unit.Unit))})";

    public override JsonObject Schema() => new() { ["type"] = "string", ["pattern"] = $"^{Pattern}$" };

    public override string Refusal(string text) =>
        $"'{text}' is not a time of {TextOf(least)} to {TextOf(most)}: use one such as 90s, 15m or 1h.";

    public override bool TryParse(string text, out TimeSpan value)
    {
        value = default;
        var length = Units.FirstOrDefault(unit => text.EndsWith(unit.Unit)).Length;
        if (length == default
            || !int.TryParse(
                text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || number > most / length
            || number * length < least)
        {
            return false;
        }

        value = number * length;
        return true;
    }

    private string NumbersOf(TimeSpan unit) =>
        NumberPattern.Between((int)Math.Ceiling(least / unit), (int)Math.Floor(most / unit));

    public override string? TextOf(TimeSpan value)
    {
        var (unit, length) = Units.First(unit => value.Ticks % unit.Length.Ticks == 0);
        return string.Create(CultureInfo.InvariantCulture, $"{value.Ticks / length.Ticks}{unit}");
    }
}
