using System.Globalization;

namespace Dynospace.Runtime.Caching;

/// <summary>
/// A resource version to compare for equality. Servers that exist count, so that a number saves a string an object; any other text still works.
/// </summary>
internal readonly record struct ResourceVersion
{
    private readonly ulong _number;
    private readonly string? _text;

    public ResourceVersion(string? text)
    {
        // Only the canonical form may become a number, or "7" and "07" would be equal.
        var isNumber = ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _number) && text![0] != '0';
        _number = isNumber ? _number : 0;
        _text = isNumber ? null : text ?? "";
    }

    public bool IsEmpty => _number == 0 && string.IsNullOrEmpty(_text);
}
