using System.Text;
using System.Text.Json;

namespace DevCluster.ApiServer.Registry;

/// <summary>
/// The original text of the <c>data</c> field in a write, for kinds that keep its bytes. The default represents Go's
/// canonical form: sorted keys and Go's escapes.
/// </summary>
/// <param name="Text">The field as sent, without white space; null if it was not sent as JSON.</param>
/// <param name="KeepsOrder">Whether a patch keeps the order of the values that it does not change.</param>
internal readonly record struct SentData(string? Text, bool KeepsOrder)
{
    /// <summary>Extracts the field from the JSON of an object.</summary>
    public static SentData FromJson(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = 1024 });
        try
        {
            while (reader.Read())
            {
                if (reader.CurrentDepth == 1
                    && reader.TokenType == JsonTokenType.PropertyName
                    && reader.ValueTextEquals("data"u8))
                {
                    reader.Read();
                    var start = (int)reader.TokenStartIndex;
                    reader.Skip();
                    return new SentData(Compact(utf8[start..(int)reader.BytesConsumed]), KeepsOrder: false);
                }
            }
        }
        catch (JsonException)
        {
            // Not JSON: the body parser reports the error.
        }

        return default;
    }

    private static string Compact(ReadOnlySpan<byte> utf8)
    {
        var text = new StringBuilder();
        var (isQuoted, isEscaped) = (false, false);
        foreach (var character in Encoding.UTF8.GetString(utf8))
        {
            if (isQuoted || !char.IsWhiteSpace(character))
            {
                text.Append(character);
            }

            isQuoted ^= character == '"' && !isEscaped;
            isEscaped = isQuoted && character == '\\' && !isEscaped;
        }

        return text.ToString();
    }
}
