using System.Text;
using CsCheck;
using Dynospace.Router.Wire;

namespace Dynospace.Router.Tests.Wire;

public sealed class ChunkDecoderTests
{
    /// <summary>Chunks with sizes as servers write them, and where the bytes are cut when they are read.</summary>
    private static readonly Gen<(string[] Contents, int Style, int[] Cuts)> Bodies = Gen.Select(
        Gen.String[Gen.Char['a', 'f'], 1, 40].Array[0, 8], Gen.Int[0, 4], Gen.Int[1, 17].Array[1, 20]);

    [Fact]
    public void However_it_is_cut_the_content_is_what_the_chunks_contain() => Bodies.Sample(body =>
    {
        var wire =
            $"{string.Concat(body.Contents.Select(content => Chunk(content, body.Style)))}{(body.Style == 1 ? "000" : "0")}\r\n";

        var (content, after, isEnded) = Decode(wire + "\r\nHTTP/1.1", body.Cuts);

        return isEnded && content == string.Concat(body.Contents) && after == "\r\nHTTP/1.1";
    });

    [Theory]
    [InlineData("\r\n")]
    [InlineData(";x\r\na")]
    [InlineData(" 1\r\na")]
    [InlineData("x\r\n")]
    [InlineData("0x1\r\na")]
    [InlineData("-1\r\na")]
    [InlineData("+1\r\na")]
    [InlineData("1\ra")]
    [InlineData("1 a\r\na")]
    [InlineData("1;\0\r\na")]
    [InlineData("1;a\rb\r\na")]
    [InlineData("1\r\nab")]
    [InlineData("1\r\na\r\r")]
    [InlineData("1\r\na\r\n\r\n")]
    [InlineData("1000000000000000\r\na")]
    [InlineData("ffffffffffffffff\r\na")]
    [InlineData("0000000000000000000001\r\na")]
    public void What_is_not_a_chunk_is_refused(string wire)
    {
        Assert.Throws<FormatException>(() => Decode(wire, [100]));
        Assert.Throws<FormatException>(() => Decode(wire, [1]));
    }

    [Fact]
    public void An_extension_has_an_end() =>
        Assert.Throws<FormatException>(() => Decode($"1;{new string('x', 20_000)}", [1_000]));

    private static string Chunk(string content, int style) => style switch
    {
        1 => $"00{content.Length:x}\r\n{content}\r\n",
        2 => $"{content.Length:X};name=\"value\"\r\n{content}\r\n",
        3 => $"{content.Length:x}\n{content}\n",
        4 => $"{content.Length:x} \t\r\n{content}\r\n",
        _ => $"{content.Length:x}\r\n{content}\r\n",
    };

    private static (string Content, string After, bool IsEnded) Decode(string wire, int[] cuts)
    {
        var decoder = default(ChunkDecoder);
        var content = new StringBuilder();
        var at = 0;
        for (var i = 0; at < wire.Length && !decoder.IsAtTrailers; i++)
        {
            var part = Encoding.Latin1.GetBytes(wire.Substring(at, Math.Min(cuts[i % cuts.Length], wire.Length - at)));
            if (!decoder.TryDecode(part, out var taken, out var length))
            {
                throw new FormatException(wire);
            }

            content.Append(Encoding.Latin1.GetString(part, 0, length));
            at += taken;
        }

        return (content.ToString(), wire[at..], decoder.IsAtTrailers);
    }
}
