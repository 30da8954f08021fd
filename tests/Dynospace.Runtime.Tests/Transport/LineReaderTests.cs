using System.Text;
using CsCheck;
using Dynospace.Runtime.Transport;

namespace Dynospace.Runtime.Tests.Transport;

public sealed class LineReaderTests
{
    private static readonly Gen<string> Line = Gen.OneOf(
        Gen.String[Gen.Char.AlphaNumeric, 1, 20],
        Gen.Int[10_000, 90_000].Select(length => new string('x', length)),
        Gen.OneOf(Gen.Const("Grüße 世界 🚀"), Gen.Const("{\"a\":1}")));

    [Fact]
    public Task Lines_are_the_same_whatever_pieces_they_arrive_in() =>
        Gen.Select(Line.Array[0, 8], Gen.Int[1, 40_000].Array[1, 6], Gen.OneOf(
            Gen.Const("\n"), Gen.Const("\r\n"), Gen.Const("\n\n"))).SampleAsync(
            async (lines, pieces, lineBreak) =>
            {
                var bytes = Encoding.UTF8.GetBytes(string.Concat(lines.Select(l => l + lineBreak)) + "cut off");
                using var reader = new LineReader(new PieceStream(bytes, pieces), 1_000_000);
                var read = new List<string>();
                while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
                {
                    read.Add(Encoding.UTF8.GetString(line.Span).TrimEnd('\r'));
                }

                Assert.Equal(lines, read);
            });

    [Fact]
    public async Task Line_without_end_is_given_up()
    {
        using var reader = new LineReader(new PieceStream(new byte[200_000], [1_000]), 100_000);
        await Assert.ThrowsAsync<UndecodableEventException>(async () =>
            await reader.ReadLineAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Gives its bytes in pieces of the given sizes, over and over.</summary>
    private sealed class PieceStream(byte[] bytes, int[] pieces) : MemoryStream(bytes)
    {
        private int _next;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, pieces[_next++ % pieces.Length])], cancellationToken);
    }
}
