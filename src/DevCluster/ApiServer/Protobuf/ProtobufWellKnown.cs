using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.Protobuf;

/// <summary>The messages whose JSON form is no object: times, quantities, int-or-string, raw JSON.</summary>
internal static class ProtobufWellKnown
{
    private const long NanosecondsPerTick = 100;

    public static JsonNode? Read(char type, ReadOnlySpan<byte> data) => type switch
    {
        'T' => Time(data, "yyyy-MM-dd'T'HH:mm:ss'Z'"),
        'U' => Time(data, "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'"),
        'D' => $"{First(data).Number / 1_000_000_000.0:0.#########}s",
        'Q' => First(data).Text,
        'I' => IntOrString(data),
        'F' or 'R' => JsonNode.Parse(First(data).Text),
        _ => Strings(data),
    };

    private static JsonNode? Time(ReadOnlySpan<byte> data, string format)
    {
        if (data.IsEmpty)
        {
            return null;
        }

        long seconds = 0;
        long nanoseconds = 0;
        var reader = new ProtobufReader(data);
        while (!reader.IsAtEnd)
        {
            var (field, _) = reader.ReadTag();
            var value = (long)reader.ReadVarint();
            (seconds, nanoseconds) = field == 1 ? (value, nanoseconds) : (seconds, value);
        }

        var time = DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(nanoseconds / NanosecondsPerTick);
        return time.ToString(format, CultureInfo.InvariantCulture);
    }

    private static JsonNode IntOrString(ReadOnlySpan<byte> data)
    {
        long type = 0;
        long number = 0;
        var text = "";
        var reader = new ProtobufReader(data);
        while (!reader.IsAtEnd)
        {
            switch (reader.ReadTag().Field)
            {
                case 1:
                    type = (long)reader.ReadVarint();
                    break;
                case 2:
                    number = (long)reader.ReadVarint();
                    break;
                default:
                    text = Encoding.UTF8.GetString(reader.ReadBytes());
                    break;
            }
        }

        return type == 0
            ? JsonNumbers.Create(Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture)))
            : text;
    }

    private static JsonArray Strings(ReadOnlySpan<byte> data)
    {
        var list = new JsonArray();
        var reader = new ProtobufReader(data);
        while (!reader.IsAtEnd)
        {
            reader.ReadTag();
            list.Add(Encoding.UTF8.GetString(reader.ReadBytes()));
        }

        return list;
    }

    private static (string Text, long Number) First(ReadOnlySpan<byte> data)
    {
        const int Varint = 0;
        if (data.IsEmpty)
        {
            return ("", 0);
        }

        var reader = new ProtobufReader(data);
        var (_, wireType) = reader.ReadTag();
        return wireType == Varint ? ("", (long)reader.ReadVarint()) : (Encoding.UTF8.GetString(reader.ReadBytes()), 0);
    }
}
