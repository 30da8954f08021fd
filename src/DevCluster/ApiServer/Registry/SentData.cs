using System.Text;
using System.Text.Json;

namespace DevCluster.ApiServer.Registry;

/// <summary>
/// How the <c>data</c> of a write was spelled, for kinds that keep the bytes of a field. The default stands for writes
/// that spell it in Go's canonical form: sorted keys, its own escapes.
/// </summary>
/// <param name="Text">The field as it was sent, without white space; null where it was not sent as JSON.</param>
/// <param name="KeepsOrder">True for patches that leave what they do not touch in its order.</param>
internal readonly record struct SentData(string? Text, bool KeepsOrder)
{
    /// <summary>Finds the field in the JSON of an object.</summary>
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
            // Not JSON: what reads the body says so.
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
