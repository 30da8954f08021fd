using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Formats;
using DevCluster.Schema.Json;
using DevCluster.Schema.Names;

namespace DevCluster.ApiServer.Validation;

/// <summary>Collects validation errors of an object, in the words of the real API.</summary>
internal sealed class Findings
{
    private readonly List<FieldError> _errors = [];

    public IReadOnlyList<FieldError> Errors => _errors;

    public void Required(FieldPath field, string detail = "") => _errors.Add(FieldErrors.Required(field, detail));

    public void Forbidden(FieldPath field, string detail) => _errors.Add(FieldErrors.Forbidden(field, detail));

    public void Invalid(FieldPath field, JsonNode? value, string detail) =>
        _errors.Add(FieldErrors.InvalidShown(field, Show(value), detail));

    public void Invalid(FieldPath field, string value, IEnumerable<string> details)
    {
        foreach (var detail in details)
        {
            Invalid(field, value, detail);
        }
    }

    /// <summary>Reports an error without the value, which is a whole struct.</summary>
    public void InvalidUnshown(FieldPath field, string detail) =>
        _errors.Add(FieldErrors.InvalidUnshown(field, detail));

    public void TooMany(FieldPath field, long actual, long most) =>
        _errors.Add(FieldErrors.TooMany(field, actual, most));

    public void Duplicate(FieldPath field, JsonNode? value, string detail = "") =>
        _errors.Add(FieldErrors.DuplicateShown(field, Show(value), detail));

    public void NotFound(FieldPath field, string value, string detail = "") =>
        _errors.Add(FieldErrors.NotFound(field, value, detail));

    public void NotSupported(FieldPath field, JsonNode? value, params ReadOnlySpan<string> supported) =>
        _errors.Add(FieldErrors.NotSupportedShown(field, Show(value), supported.ToArray()));

    public void Internal(FieldPath field, string detail) => _errors.Add(FieldErrors.Internal(field, detail));

    public void TooLong(FieldPath field, int limit) => _errors.Add(FieldErrors.TooLong(field, limit));

    /// <summary>Requires a non-negative number.</summary>
    public void NonNegative(FieldPath field, long? value)
    {
        if (value < 0)
        {
            Invalid(field, value, "must be greater than or equal to 0");
        }
    }

    /// <summary>Requires a valid port number.</summary>
    public void Port(FieldPath field, long value)
    {
        if (value is < 1 or > 65535)
        {
            Invalid(field, value, "must be between 1 and 65535, inclusive");
        }
    }

    /// <summary>Requires a port number or name, as probes and Services use for their targets.</summary>
    public void PortReference(FieldPath field, JsonNode? value)
    {
        if (value.Text() is { } name)
        {
            Invalid(field, name, NameFormats.PortName(name));
        }
        else if (value.Number() is { } number)
        {
            Port(field, number);
        }
    }

    /// <summary>Requires one of a fixed set of values; a missing value is left to defaults.</summary>
    public void OneOf(FieldPath field, string? value, params ReadOnlySpan<string> supported)
    {
        if (value is not null && !supported.Contains(value))
        {
            NotSupported(field, value, supported);
        }
    }

    /// <summary>Shows structs as JSON, with their fields in the given order.</summary>
    private static string Show(JsonNode? value) =>
        value is JsonObject or JsonArray ? value.ToJsonString(RelaxedJson.Options) : GoText.Value(value);
}

/// <summary>Parses IP addresses and CIDRs.</summary>
internal static class AddressFormats
{
    public const string AddressMessage = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
    public const string NetworkMessage = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";

    public static void Address(Findings findings, FieldPath path, string text)
    {
        if (!TryAddress(text, out _))
        {
            findings.Invalid(path, text, AddressMessage);
        }
    }

    /// <summary>Parses a complete address; short and octal forms, which .NET also accepts, are refused.</summary>
    public static bool TryAddress(string text, out IPAddress address)
    {
        var isRead = IPAddress.TryParse(text, out var parsed) && !text.Contains('%', StringComparison.Ordinal);
        address = parsed ?? IPAddress.None;
        return isRead && (address.AddressFamily == AddressFamily.InterNetworkV6 || address.ToString() == text);
    }

    /// <summary>Why an address is not reachable from another machine; null if it is.</summary>
    public static string? Special(IPAddress address, string text)
    {
        var bytes = address.GetAddressBytes();
        return address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) ? $"may not be unspecified ({text})"
            : IPAddress.IsLoopback(address) ? "may not be in the loopback range (127.0.0.0/8, ::1/128)"
            : address.IsIPv6LinkLocal || bytes is [169, 254, _, _]
                ? "may not be in the link-local range (169.254.0.0/16, fe80::/10)"
            : bytes is [224, 0, 0, _] or [0xff, 0x02, ..]
                ? "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"
            : null;
    }

    /// <summary>Parses a CIDR, whose address may have bits beyond the prefix.</summary>
    public static bool TryNetwork(string text, out IPAddress address, out int prefix)
    {
        prefix = 0;
        address = IPAddress.None;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0
            && TryAddress(text[..slash], out address)
            && int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out prefix)
            && prefix <= (address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
    }

    public static bool HasHostBits(IPAddress address, int prefix) => !Masked(address, prefix).Equals(address);

    /// <summary>Whether one network is a strict subset of another.</summary>
    public static bool IsStrictSubset((IPAddress Address, int Prefix) inner, (IPAddress Address, int Prefix) outer) =>
        inner.Address.AddressFamily == outer.Address.AddressFamily
        && inner.Prefix > outer.Prefix
        && Masked(inner.Address, outer.Prefix).Equals(Masked(outer.Address, outer.Prefix));

    private static IPAddress Masked(IPAddress address, int prefix)
    {
        var bytes = address.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++)
        {
            var kept = Math.Clamp(prefix - (i * 8), 0, 8);
            bytes[i] &= (byte)(0xFF << (8 - kept));
        }

        return new IPAddress(bytes);
    }
}
